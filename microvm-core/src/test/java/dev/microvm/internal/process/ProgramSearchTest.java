/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramSearchTest {
    @TempDir
    Path folder;

    @Test
    void takesTheFirstExecutableInPath() throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        Files.createDirectory(first.resolve("prog"));
        Files.writeString(first.resolve("data"), "not executable");
        Path program = Files.writeString(second.resolve("prog"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Map<String, String> environment = Map.of("PATH", ":" + first + ":" + second);

        assertThat(ProgramSearch.find("prog", environment)).contains(program);
        assertThat(ProgramSearch.find("data", environment)).isEmpty();
        assertThat(ProgramSearch.find(program.toString(), Map.of())).contains(program);
        assertThat(ProgramSearch.find("prog", Map.of())).isEmpty();
        assertThat(ProgramSearch.find("", environment)).isEmpty();
    }
}
