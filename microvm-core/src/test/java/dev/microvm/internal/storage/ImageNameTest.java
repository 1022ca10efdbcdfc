/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.internal.storage.ImageName.Linker;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links are the kernel's but where the test says how they fail: no file system without them can be mounted everywhere. */
class ImageNameTest {
    @TempDir
    private Path temp;

    private Path finished;
    private Path image;

    @BeforeEach
    void files() throws IOException {
        finished = Files.writeString(temp.resolve("finished"), "disk");
        image = temp.resolve("image");
    }

    private void give(Linker linker) throws IOException {
        boolean linked = new ImageName(linker).give(finished, temp.resolve("probe"), image);
        assertThat(linked).isEqualTo(Files.exists(finished));
    }

    private static void noLinks(Path name, Path file) throws FileSystemException {
        throw new FileSystemException(name.toString(), file.toString(), "Operation not permitted");
    }

    private void assertFiles(String... names) throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(names);
        }
    }

    @Test
    void aLinkIsTheName() throws IOException {
        give(Files::createLink);
        assertThat(image).hasContent("disk");
        assertThat(Files.isSameFile(image, finished)).isTrue();
    }

    @Test
    void whatHasTheNameStays() throws IOException {
        Files.writeString(image, "theirs");
        assertThatThrownBy(() -> give(Files::createLink)).hasMessageContaining("it stays as it is");
        assertThatThrownBy(() -> give(ImageNameTest::noLinks)).hasMessageContaining("it stays as it is");
        assertThat(image).hasContent("theirs");
    }

    @Test
    void aLinkThatFailsThoughLinksWorkIsNoReasonToRename() throws IOException {
        assertThatThrownBy(() -> give((name, file) -> {
                    if (name.equals(image)) {
                        throw new FileSystemException(name.toString(), file.toString(), "Input/output error");
                    }
                    Files.createLink(name, file);
                }))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("Input/output error");
        assertFiles("finished");
    }

    @Test
    void withoutLinksTheNameIsTakenFirst() throws IOException {
        give(ImageNameTest::noLinks);
        assertThat(image).hasContent("disk");
        assertFiles("image");
    }

    @Test
    void whatTakesTheNameWhileLinksAreTriedStays() throws IOException {
        assertThatThrownBy(() -> give((name, file) -> {
                    Files.writeString(image, "theirs");
                    noLinks(name, file);
                }))
                .hasMessageContaining("it stays as it is");
        assertThat(image).hasContent("theirs");
        assertFiles("finished", "image");
    }

    @Test
    void anImageThatCannotBeMovedLeavesNoEmptyOne() throws IOException {
        Files.delete(finished);
        assertThatThrownBy(() -> give(ImageNameTest::noLinks)).isInstanceOf(IOException.class);
        assertFiles();
    }
}
