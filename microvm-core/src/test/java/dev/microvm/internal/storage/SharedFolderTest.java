/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFolderTest {
    @TempDir
    private Path temp;

    private Path shared;
    private Path outside;
    private SharedFolder folder;

    @BeforeEach
    void open() throws IOException {
        shared = Files.createDirectory(temp.resolve("shared"));
        outside = Files.createDirectory(temp.resolve("outside"));
        folder = SharedFolder.open(shared);
    }

    @AfterEach
    void close() throws IOException {
        folder.close();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void makesDirectoriesAndFilesWithTheirModesWhateverTheUmask() throws IOException {
        folder.makeDirectory(Path.of("a"), 0777, Optional.empty());
        folder.makeDirectory(Path.of("a/b"), 0710, Optional.empty());
        folder.makeFile(Path.of("a/b/f"), 0666, Optional.empty());

        assertThat(mode(shared.resolve("a"))).isEqualTo("rwxrwxrwx");
        assertThat(mode(shared.resolve("a/b"))).isEqualTo("rwx--x---");
        assertThat(mode(shared.resolve("a/b/f"))).isEqualTo("rw-rw-rw-");
        assertThat(shared.resolve("a/b/f")).isEmptyFile();
        assertThat(shared).isDirectoryNotContaining("glob:**/.microvm-*");
    }

    @Test
    void whatExistsStaysAsItIs() throws IOException {
        Path file = Files.writeString(Files.createDirectory(shared.resolve("a")).resolve("f"), "content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        folder.makeDirectory(Path.of("a"), 0700, Optional.empty());
        folder.makeFile(Path.of("a/f"), 0644, Optional.empty());

        assertThat(file).hasContent("content");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(mode(shared.resolve("a"))).isNotEqualTo("rwx------");
    }

    /** A guest may have put them there, and the caller may be root. */
    @Test
    void followsNoLinkOnTheWay() throws IOException {
        Files.createSymbolicLink(shared.resolve("way"), outside);
        Files.createSymbolicLink(shared.resolve("gone"), outside.resolve("x"));

        assertThatThrownBy(() -> folder.makeDirectory(Path.of("way/in"), 0755, Optional.empty()))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("a guest may have put them there");
        assertThatThrownBy(() -> folder.makeFile(Path.of("way/file"), 0644, Optional.empty()))
                .isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> folder.makeFile(Path.of("gone"), 0644, Optional.empty()))
                .isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> folder.makeDirectory(Path.of("gone"), 0755, Optional.empty()))
                .isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> folder.kindOf(Path.of("way/in"))).isInstanceOf(FileSystemException.class);
        assertThat(folder.kindOf(Path.of("way"))).isEqualTo(SharedFolder.Kind.OTHER);
        assertThat(outside).isEmptyDirectory();
        assertThat(shared).isDirectoryNotContaining("glob:**/.microvm-*");
    }

    /** A guest that runs meanwhile: whatever it puts in the way between a look and a step, nothing is made outside. */
    @Test
    void aLinkThatComesBetweenLookAndStepLeadsNowhere() throws Exception {
        Path way = Files.createDirectory(shared.resolve("way"));
        Path aside = shared.resolve("aside");
        Path link = Files.createSymbolicLink(shared.resolve("link"), outside);
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Integer> guest = new FutureTask<>(() -> {
            int swaps = 0;
            while (!done.get()) {
                Files.move(way, aside);
                Files.move(link, way);
                Files.move(way, link);
                Files.move(aside, way);
                swaps++;
            }
            return swaps;
        });
        Thread thread = new Thread(guest, "guest");
        thread.start();
        int made = 0;
        int refused = 0;
        try {
            // As long as both happen, at most ten times as long.
            for (int i = 0; i < 2000 || ((made == 0 || refused == 0) && i < 20_000); i++) {
                try {
                    folder.makeDirectory(Path.of("way", "d" + i), 0755, Optional.empty());
                    folder.makeFile(Path.of("way", "f" + i), 0644, Optional.empty());
                    made++;
                } catch (IOException e) {
                    refused++;
                }
            }
        } finally {
            done.set(true);
        }
        assertThat(guest.get(20, TimeUnit.SECONDS)).isPositive();
        assertThat(outside).isEmptyDirectory();
        assertThat(made).isPositive();
        assertThat(refused).isPositive();
        assertThat(shared).isDirectoryNotContaining("glob:**/.microvm-*");
    }

    @Test
    void oneKindDoesNotReplaceTheOther() throws IOException {
        Files.createFile(shared.resolve("file"));
        Files.createDirectory(shared.resolve("directory"));

        assertThatThrownBy(() -> folder.makeDirectory(Path.of("file"), 0755, Optional.empty()))
                .hasMessageContaining("is a file, and a directory is needed");
        assertThatThrownBy(() -> folder.makeFile(Path.of("directory"), 0644, Optional.empty()))
                .hasMessageContaining("is a directory, and a file is needed");
        assertThatThrownBy(() -> folder.makeFile(Path.of("file/inside"), 0644, Optional.empty()))
                .hasMessageContaining("is a file, and a directory is needed");
        assertThatThrownBy(() -> folder.makeFile(Path.of("absent/inside"), 0644, Optional.empty()))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(folder.kindOf(Path.of("absent/inside"))).isEqualTo(SharedFolder.Kind.ABSENT);
    }
}
