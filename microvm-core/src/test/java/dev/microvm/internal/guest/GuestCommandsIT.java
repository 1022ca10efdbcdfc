/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a command finds in a real guest, and how it ends. */
class GuestCommandsIT extends OneBootedGuest {
    @Test
    void runsTrueInMilliseconds() throws Exception {
        long[] exec = elapsed("true");
        long[] statically = elapsed("/run/microvm/busybox", "true");
        long[] ping = new long[20];
        for (int i = 0; i < ping.length; i++) {
            ping[i] = guest.control().ping(Duration.ofSeconds(10)).toNanos();
        }
        Arrays.sort(ping);
        BootedGuest.say("exec true: fastest " + exec[0] / 1000 + " us, median " + exec[10] / 1000
                + " us; a static program: fastest "
                + statically[0] / 1000 + " us, median " + statically[10] / 1000 + " us; ping: fastest "
                + ping[0] / 1000 + " us, median " + ping[10] / 1000 + " us");

        assertThat(exec[10]).isLessThan(Duration.ofSeconds(2).toNanos());
    }

    private static long[] elapsed(String... command) {
        shell.exec(command);
        return IntStream.range(0, 20)
                .mapToLong(i -> shell.exec(command).orFail().elapsed().toNanos())
                .sorted()
                .toArray();
    }

    @Test
    void tellsDeathBySignalAsAShellDoes() {
        assertThat(shell.sh("kill -9 $$").exitCode()).isEqualTo(128 + 9);
        assertThat(shell.sh("kill -TERM $$").exitCode()).isEqualTo(128 + 15);
    }

    @Test
    void aMissingProgramIs127AndOneThatCannotRunIs126() {
        assertThat(shell.exec("no-such-program").exitCode()).isEqualTo(127);
        assertThat(shell.exec("/no/such/program").exitCode()).isEqualTo(127);
        assertThat(shell.exec("/etc/passwd").exitCode()).isEqualTo(126);
        assertThat(shell.exec(ExecRequest.builder()
                                .addCommand("true")
                                .workingFolder("/no/such")
                                .build())
                        .exitCode())
                .isEqualTo(126);
        assertThatThrownBy(() -> shell.exec("no-such-program").orFail())
                .hasMessageContaining("no such program on the guest's PATH");
    }

    @Test
    void argumentsArriveAsTheyAre() {
        List<String> words = List.of(
                "",
                " two  blanks ",
                "it's",
                "\"$HOME\"",
                "`id`",
                "\\n",
                "a\nb\n",
                "t\tab",
                "ünï→😀",
                "*",
                "-n",
                "%b\\0",
                "~",
                "!");
        String[] command = java.util.stream.Stream.concat(java.util.stream.Stream.of("printf", "[%s]"), words.stream())
                .toArray(String[]::new);

        assertThat(shell.exec(command).orFail().stdout()).isEqualTo("[" + String.join("][", words) + "]");
    }

    @Test
    void environmentAndWorkingFolderAreSet() {
        ExecResult result = shell.exec(ExecRequest.builder()
                .addCommand("/bin/sh", "-c", "pwd; echo \"$GREETING\"; echo $PATH; echo $HOME")
                .putEnvironment("GREETING", "it's\n$x")
                .workingFolder("/usr/share")
                .build());

        assertThat(result.orFail().stdout())
                .isEqualTo("/usr/share\nit's\n$x\n" + "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"
                        + "/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin\n/root\n");
    }

    @Test
    void usesTheGuestsProgramsAndNotBusyboxApplets() {
        assertThat(shell.exec("readlink", "--version").orFail().stdout()).contains("GNU coreutils");
        assertThat(shell.sh("readlink --version").orFail().stdout()).contains("GNU coreutils");
    }

    @Test
    void signalsAreNotIgnoredAtTheStart() {
        // SIGINT is bit 1, SIGQUIT bit 2: what a shell starts with "&" would ignore both.
        assertThat(shell.exec("grep", "SigIgn", "/proc/self/status").stdout()).contains("0000000000000000");
    }

    @Test
    void theRootIsWritableAndTheHostUnchanged() {
        shell.sh("echo hi >/etc/microvm-test && mkdir /opt/x && rm -f /etc/hostname")
                .orFail();

        assertThat(Path.of("/etc/microvm-test")).doesNotExist();
        assertThat(shell.exec("cat", "/etc/microvm-test").stdout()).isEqualTo("hi\n");
    }

    @Test
    void theMachineLooksLikeOne() {
        assertThat(shell.exec("hostname").stdout()).isEqualTo("control\n");
        assertThat(shell.sh("ls -A /nix/var | wc -l").stdout()).isEqualTo("0\n");
        assertThat(shell.sh("stat -c %a /tmp /dev/shm; [ -c /dev/ptmx ] && [ -d /dev/pts ] && cat /dev/fd/0 </dev/null")
                        .orFail()
                        .stdout())
                .isEqualTo("1777\n1777\n");
        assertThat(shell.sh("getent hosts control").orFail().stdout()).contains("127.0.1.1");
    }

    @Test
    void orphansAreReapedByProcess1() {
        shell.sh("( sleep 0.2 & echo $! ) >/tmp/orphan 2>/dev/null </dev/null").orFail();
        String orphan = shell.exec("cat", "/tmp/orphan").stdout().strip();

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (shell.exec("test", "-d", "/proc/" + orphan).isSuccess()) {
            assertThat(System.nanoTime()).as("process " + orphan + " is gone").isLessThan(end);
        }
    }
}
