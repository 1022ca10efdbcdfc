/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {
    @TempDir
    Path folder;

    @Test
    void deletesATreeWithoutFollowingLinks() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "stays");
        Path tree = Files.createDirectories(folder.resolve("tree/below"));
        Files.createSymbolicLink(tree.resolve("link"), outside);

        FileTree.delete(folder.resolve("tree"));

        assertThat(folder.resolve("tree")).doesNotExist();
        assertThat(outside).hasContent("stays");
        FileTree.delete(folder.resolve("tree"));
    }

    @Test
    void goesOnWhenSomebodyElseDeletesTheSameTree() throws Exception {
        for (int round = 0; round < 10; round++) {
            Path tree = Files.createDirectory(folder.resolve("tree" + round));
            for (int i = 0; i < 200; i++) {
                Files.createFile(
                        Files.createDirectory(tree.resolve("folder" + i)).resolve("file"));
            }
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> delete(tree));
            delete(tree);
            other.get(20, TimeUnit.SECONDS);

            assertThat(tree).doesNotExist();
        }
    }

    private static void delete(Path tree) {
        try {
            FileTree.delete(tree);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
