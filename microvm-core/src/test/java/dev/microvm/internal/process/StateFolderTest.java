/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
    @TempDir
    Path temp;

    @Test
    void leavesNoFolderBehindWithoutTheScript() throws Exception {
        Path folder = temp.resolve("state");

        assertThatThrownBy(() -> StateFolder.create(folder, "no-such-resource")).hasMessage("no-such-resource");
        assertThat(folder).doesNotExist();
    }

    @Test
    void leavesAFolderAloneThatExists() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("state"));

        assertThatThrownBy(() -> StateFolder.create(folder)).isInstanceOf(UncheckedIOException.class);
        assertThat(folder).isEmptyDirectory();
    }
}
