/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SizedCacheTest {
    @TempDir
    Path temp;

    private SizedCache cache;

    @BeforeEach
    void tenBytes() {
        cache = new CacheFolder(temp).sized("things", 10);
    }

    private Path entry(String key, int bytes, long age) throws IOException, InterruptedException {
        Path file = cache.put(key, part -> Files.write(part, new byte[bytes]));
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(age)));
    }

    @Test
    void producesAnEntryOnce() throws Exception {
        cache.get("a", file -> Files.writeString(file, "first"));

        Path again = cache.get("a", file -> Files.writeString(file, "second"));

        assertThat(again).hasContent("first");
    }

    @Test
    void theEntryUsedLongestAgoGoesFirst() throws Exception {
        Path old = entry("old", 4, 300);
        Path used = entry("used", 4, 200);
        cache.find("used");
        Path added = entry("added", 4, 0);

        assertThat(old).doesNotExist();
        assertThat(used).exists();
        assertThat(added).exists();
        assertThat(cache.bytes()).isEqualTo(8);
    }

    @Test
    void theNewestStaysEvenIfItIsLargerThanTheLimit() throws Exception {
        entry("small", 2, 100);

        assertThat(entry("large", 20, 0)).exists();
        assertThat(cache.find("small")).isEmpty();
    }

    @Test
    void aFailedEntryLeavesNothing() {
        assertThatThrownBy(() -> cache.put("a", file -> {
                    Files.writeString(file, "half");
                    throw new IOException("disk full");
                }))
                .hasMessageContaining("cannot write the cache entry");

        assertThat(cache.find("a")).isEmpty();
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void clearingRemovesEverything() throws Exception {
        entry("a", 3, 0);

        cache.clear();

        assertThat(cache.bytes()).isZero();
    }
}
