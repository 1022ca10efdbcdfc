/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTailTest {
    @TempDir
    Path folder;

    @Test
    void keepsTheLastLines() {
        OutputTail tail = new OutputTail(2);
        tail.add("one");
        tail.add("two");
        tail.add("three");

        assertThat(tail.lines()).containsExactly("two", "three");
        assertThatThrownBy(() -> new OutputTail(0)).hasMessageContaining("limit = 0");
    }

    @Test
    void readsTheEndOfAFile() throws IOException {
        Path file = folder.resolve("log");
        assertThat(OutputTail.ofFile(file, 3)).isEmpty();

        Files.writeString(file, "a\nb\nc\nunfinished");
        assertThat(OutputTail.ofFile(file, 3)).containsExactly("b", "c", "unfinished");

        Files.writeString(file, ("x".repeat(99) + "\n").repeat(5000) + "the end\n");
        assertThat(OutputTail.ofFile(file, 2)).containsExactly("x".repeat(99), "the end");
        assertThat(OutputTail.ofFile(file, 10_000))
                .hasSizeBetween(600, 656)
                .allMatch(line -> line.length() == 99 || line.equals("the end"));
    }

    @Test
    void splitsLinesWhereverTheBytesAreCut() {
        List<String> lines = new ArrayList<>();
        byte[] bytes = "äö\r\n\nlast".getBytes(StandardCharsets.UTF_8);
        try (LineSplitter splitter = new LineSplitter(lines::add)) {
            for (byte b : bytes) {
                splitter.write(new byte[] {b}, 0, 1);
            }
        }

        assertThat(lines).containsExactly("äö", "", "last");
    }

    @Test
    void cutsALineThatNeverEnds() {
        List<String> lines = new ArrayList<>();
        try (LineSplitter splitter = new LineSplitter(lines::add)) {
            splitter.write(new byte[40 * 1024], 0, 40 * 1024);
        }

        assertThat(lines).hasSize(3);
    }
}
