/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A file of more than 400 lines is two things. */
class SourceSizeTest {
    private static final int MOST_LINES = 400;

    @Test
    void noSourceFileIsLongerThan400Lines() throws IOException {
        Path repository = Path.of("").toAbsolutePath().getParent();
        try (Stream<Path> files = Files.walk(repository)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !repository.relativize(file).toString().contains("target/"))
                    .toList();
            assertThat(sources).as("the scan found the sources").hasSizeGreaterThan(80);
            assertThat(sources.stream()
                            .filter(source -> lines(source) > MOST_LINES)
                            .map(source -> repository.relativize(source) + " has " + lines(source) + " lines"))
                    .isEmpty();
        }
    }

    private static int lines(Path source) {
        try {
            return Files.readAllLines(source).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
