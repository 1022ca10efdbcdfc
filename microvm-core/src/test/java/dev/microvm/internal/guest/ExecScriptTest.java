/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.guest.ExecRequest;
import dev.microvm.internal.image.Shells;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts by the real shells of this host. */
class ExecScriptTest {
    @TempDir
    Path folder;

    private static void everywhere(ExecRequest request, String expected) throws IOException, InterruptedException {
        for (List<String> shell : Shells.all()) {
            assertThat(Shells.run(shell, "(" + ExecScript.of(request) + ")\necho \"=$?\"", ""))
                    .as("%s", shell)
                    .isEqualTo(expected);
        }
    }

    @Test
    void wordsVariablesAndFolderArrive() throws IOException, InterruptedException {
        everywhere(
                ExecRequest.builder()
                        .addCommand(
                                "/bin/sh",
                                "-c",
                                "printf '[%s]' \"$@\"; echo; printf '%s\\n' \"$X\"; pwd -P",
                                "sh",
                                "it's",
                                "a\nb",
                                "$X",
                                "",
                                "*")
                        .putEnvironment("X", "'\\n\"$HOME")
                        .workingFolder(folder.toRealPath().toString())
                        .build(),
                "[it's][a\nb][$X][][*]\n'\\n\"$HOME\n" + folder.toRealPath() + "\n=0\n");
    }

    @Test
    void aProgramIsFoundOnThePathThatTheRequestSets() throws IOException, InterruptedException {
        Path program = java.nio.file.Files.writeString(folder.resolve("my-program"), "#!/bin/sh\necho \"ran $1\"\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();

        everywhere(
                ExecRequest.builder()
                        .addCommand("my-program", "x")
                        .putEnvironment("PATH", "/no/where:" + folder + ":/bin")
                        .build(),
                "ran x\n=0\n");
    }

    @Test
    void aProgramThatIsNotThereIs127() throws IOException, InterruptedException {
        everywhere(ExecRequest.of("no-such-program"), "sh: no-such-program: not found\n=127\n");
    }

    @Test
    void anAppletsNameStillRunsTheProgram() throws IOException, InterruptedException {
        for (List<String> shell : Shells.all()) {
            assertThat(Shells.run(shell, ExecScript.of(ExecRequest.of("sh", "-c", "echo $0", "name")), ""))
                    .isEqualTo("name\n");
        }
    }
}
