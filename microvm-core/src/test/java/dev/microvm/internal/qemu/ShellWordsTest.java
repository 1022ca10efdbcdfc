/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ShellWordsTest {
    @Test
    void leavesPlainWordsAlone() {
        assertThat(ShellWords.quote("-device")).isEqualTo("-device");
        assertThat(ShellWords.quote("microvm,acpi=on")).isEqualTo("microvm,acpi=on");
    }

    @Test
    void quotesTheEmptyWord() {
        assertThat(ShellWords.quote("")).isEqualTo("''");
    }

    /** A real shell has the last word on what the script passes on. */
    @Test
    void runScriptPassesEveryWordUnchanged() throws IOException, InterruptedException {
        List<String> words =
                List.of("%s\\n", "", "a b", "it's", "\"x\"", "$HOME", "`id`", "a\\b", "*", "#no", "~", "a\nb");
        CommandLine line = new CommandLine(
                Path.of("/usr/bin/printf"),
                words.stream().map(word -> new Argument(word, "test")).toList(),
                List.of(Path.of("/run/x/qmp.sock")),
                List.of("/bin/sh", "-c", "export LC_ALL=$0; exec \"$@\"", "C"));
        Process shell = new ProcessBuilder("/bin/sh", "-c", line.runScript())
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(output).isEqualTo(String.join("\n", words.subList(1, words.size())) + "\n");
    }
}
