/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code DevVm --shell} on a real pseudo-terminal, which util-linux's {@code script} makes for it, with somebody typing. */
class InteractiveShellIT {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final String CTRL_C = "\u0003";

    /** Gives the program a terminal of a size nobody has, and tells afterwards in what state it left it and how it ended. */
    private static final List<String> ON_A_TERMINAL = List.of(
            "bash",
            "-c",
            "printf -v job '%q ' \"$@\";"
                    + " exec script -qfec \"stty rows 37 cols 91; $job; code=\\$?; stty -a; exit \\$code\" /dev/null",
            "bash");

    @TempDir
    private Path folder;

    @Test
    void handsTheTerminalToTheGuestsShellAndGivesItBack() throws Exception {
        Requirements.canBootHostRoot();
        Requirements.need(new NixPresence().isThere(), "nix-store is there");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        try (ChildJvm job = ChildJvm.start(ON_A_TERMINAL, DevVm.class, "--shell", "--work", folder.toString())) {
            job.awaitLine("       a shell in", LIMIT);
            job.type("stty size; tty | sed 's/^/terminal /'\n");
            assertThat(job.awaitLine("37", LIMIT)).isEqualTo("91");
            assertThat(job.awaitLine("terminal", LIMIT)).startsWith("/dev/pts/");

            job.type("echo asleep now; sleep 1000\n");
            job.awaitLine("asleep", LIMIT);
            job.type(CTRL_C);
            job.type("echo interrupted with $?\n");
            assertThat(job.awaitLine("interrupted", LIMIT)).as("128 + SIGINT").isEqualTo("with 130");

            job.type("exit\n");
            int code = job.awaitExit(LIMIT);
            assertThat(code).as(job.output()).isZero();
            assertThat(job.output())
                    .contains("the guest's shell ended with exit code 0", "facts hold")
                    .as("the terminal as it was")
                    .contains("isig icanon iexten echo echoe");
        }
    }
}
