/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
    @TempDir
    Path temp;

    @Test
    void followsTheOverrideThenRootThenXdgThenHome() {
        Map<String, String> all = Map.of("MICROVM_CACHE", "/c", "XDG_CACHE_HOME", "/x", "HOME", "/h");

        assertThat(CacheFolder.of(all, true).root()).hasToString("/c");
        assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "/x"), true).root()).hasToString("/var/cache/microvm");
        assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "/x", "HOME", "/h"), false)
                        .root())
                .hasToString("/x/microvm");
        assertThat(CacheFolder.of(Map.of("HOME", "/h"), false).root()).hasToString("/h/.cache/microvm");
    }

    @Test
    void ignoresARelativeXdgFolder() {
        assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "x", "HOME", "/h"), false)
                        .root())
                .hasToString("/h/.cache/microvm");
    }

    @Test
    void saysWhichFolderCannotBeMadeAndWhatToSet() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));

        assertThatThrownBy(() -> new CacheFolder(file).folder("probes"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.resolve("probes").toString())
                .hasMessageContaining("MICROVM_CACHE");
    }

    @Test
    void aHeldLockIsNotGivenTwiceAndTheWaitHasALimit() throws Exception {
        CacheFolder cache = new CacheFolder(temp);
        CacheLock held = cache.lock("a", Duration.ofSeconds(5));

        assertThatThrownBy(() -> cache.lock("a", Duration.ofMillis(30)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("not free after 30 ms");
        cache.lock("b", Duration.ofSeconds(5)).close();
        held.close();
        cache.lock("a", Duration.ofSeconds(5)).close();
    }

    @Test
    void aWaitForALockEndsWithAnInterrupt() throws Exception {
        CacheFolder cache = new CacheFolder(temp);
        try (CacheLock held = cache.lock("a", Duration.ofSeconds(5))) {
            assertThat(held).isNotNull();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> cache.lock("a", Duration.ofSeconds(60))).isInstanceOf(InterruptedException.class);
        }
    }
}
