/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.GuestCommandException;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestInput;
import dev.microvm.guest.GuestProcess;
import dev.microvm.guest.GuestShell;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Commands in a real guest on the host's root. One guest serves all tests: none may leave anything behind in it. */
class GuestControlIT {
    private static final VmSpec SPEC = VmSpec.builder()
            .name("control")
            .memoryMib(512)
            .boot(BootSource.hostRoot())
            .build();

    private static Path folder;
    private static BootedGuest guest;
    private static GuestShell shell;

    private long begin;

    @BeforeAll
    static void boot() throws IOException, InterruptedException, TimeoutException {
        folder = Files.createTempDirectory("mv");
        guest = BootedGuest.ready(SPEC, folder);
        shell = guest.shell();
    }

    @AfterAll
    static void end() throws IOException, InterruptedException {
        if (guest != null) {
            guest.close();
        }
        BootedFolders.remove(folder);
    }

    @BeforeEach
    void started() {
        begin = System.nanoTime();
    }

    @AfterEach
    void took(TestInfo test) {
        BootedGuest.say(test.getDisplayName() + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }

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
    void keepsExitCodeAndBothStreamsApart() {
        ExecResult result = shell.sh("echo out; echo err >&2; exit 7");

        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
        assertThatThrownBy(result::orFail)
                .isInstanceOf(GuestCommandException.class)
                .hasMessageContaining("exit code 7")
                .hasMessageContaining("| err");
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
    void standardStreamsCanBeOpenedAgainByName() {
        ExecResult result = shell.exec(ExecRequest.sh("cat /dev/stdin; echo err >/dev/stderr; echo out >/dev/stdout")
                .withStdin(GuestInput.text("in ")));

        assertThat(result.orFail().stdout()).isEqualTo("in out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }

    @Test
    void signalsAreNotIgnoredAtTheStart() {
        // SIGINT is bit 1, SIGQUIT bit 2: what a shell starts with "&" would ignore both.
        assertThat(shell.exec("grep", "SigIgn", "/proc/self/status").stdout()).contains("0000000000000000");
    }

    @Test
    void aMebibyteOfInputArrives() throws NoSuchAlgorithmException {
        byte[] data = new byte[1 << 20];
        new Random(1).nextBytes(data);
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        ExecRequest request = ExecRequest.of("sha256sum").withStdin(GuestInput.bytes(data));

        assertThat(shell.exec(request).orFail().stdout()).startsWith(sum);
        assertThat(shell.exec(ExecRequest.of("cat").withStdin(GuestInput.bytes(data)))
                        .orFail()
                        .stdoutBytes())
                .isEqualTo(data);
    }

    @Test
    void inputThatIsNotReadHarmsNobody() {
        byte[] data = new byte[4 << 20];
        for (int i = 0; i < 9; i++) {
            assertThat(shell.exec(ExecRequest.of("true").withStdin(GuestInput.bytes(data)))
                            .exitCode())
                    .isZero();
        }
        assertThat(shell.exec(ExecRequest.of("cat").withStdin(GuestInput.text("next")))
                        .stdout())
                .isEqualTo("next");
        assertThat(shell.exec(ExecRequest.of("cat").withStdin(GuestInput.text("")))
                        .stdout())
                .isEmpty();
        assertThat(shell.exec("cat").stdout()).isEmpty();
    }

    @Test
    void megabytesOfOutputArrive() {
        long start = System.nanoTime();
        ExecResult result = shell.exec("head", "-c", "26000000", "/dev/zero").orFail();
        BootedGuest.say("26 MB of output: " + (System.nanoTime() - start) / 1_000_000 + " ms");

        assertThat(Arrays.equals(result.stdoutBytes(), new byte[26_000_000])).isTrue();
    }

    @Test
    void outputPastTheLimitIsCountedAndNotKept() {
        ExecResult result = shell.exec(ExecRequest.builder()
                .addCommand("seq", "1", "1000")
                .maxCapturedBytes(4)
                .build());

        assertThat(result.stdout()).isEqualTo("1\n2\n");
        assertThat(result.droppedBytes()).isEqualTo(3893 - 4);
    }

    @Test
    void bytesAreNotInterpreted() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }

        ExecResult result = shell.exec(ExecRequest.of("cat").withStdin(GuestInput.bytes(all)));

        assertThat(result.stdoutBytes()).isEqualTo(all);
    }

    @Test
    void eightRunAtOnceAndANinthWaits() throws InterruptedException {
        List<GuestProcess> eight = IntStream.range(0, 8)
                .mapToObj(i -> shell.start(ExecRequest.of("sleep", "1000")))
                .toList();
        CompletableFuture<ExecResult> ninth = CompletableFuture.supplyAsync(() -> shell.exec("echo", "ninth"));

        assertThatThrownBy(() -> ninth.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(eight).allMatch(GuestProcess::isAlive);
        assertThatThrownBy(() -> shell.exec(ExecRequest.of("true").withLimit(Duration.ofMillis(50))))
                .isInstanceOf(VmTimeoutException.class)
                .hasMessageContaining("no free slot");
        eight.get(3).signal("TERM");
        assertThat(ninth.join().stdout()).isEqualTo("ninth\n");
        eight.forEach(GuestProcess::close);
        assertThat(eight).noneMatch(GuestProcess::isAlive);
    }

    @Test
    void aProcessLeftBehindDelaysNothingAndItsSlotHeals() {
        long start = System.nanoTime();
        String pid = shell.sh("sleep 1000 & echo $!").orFail().stdout().strip();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));

        // All slots once around: the held one is found out and passed over.
        for (int i = 0; i < 9; i++) {
            assertThat(shell.exec("echo", "x" + i).stdout()).isEqualTo("x" + i + "\n");
        }
        shell.exec("kill", pid).orFail();
        List<GuestProcess> eight = IntStream.range(0, 8)
                .mapToObj(i -> shell.start(ExecRequest.of("sleep", "1000")))
                .toList();
        assertThat(eight).hasSize(8).allMatch(GuestProcess::isAlive);
        eight.forEach(GuestProcess::close);
    }

    @Test
    void lateOutputOfALeftoverGoesToNobody() {
        shell.sh("( sleep 0.3; echo late; echo late >&2 ) & echo early").orFail();

        for (int i = 0; i < 10; i++) {
            ExecResult result = shell.sh("sleep 0.1; echo mine");
            assertThat(result.stdout()).isEqualTo("mine\n");
            assertThat(result.stderr()).isEmpty();
        }
    }

    @Test
    void aCommandThatTakesTooLongIsKilledWithWhatItSaid() {
        assertThatThrownBy(() -> shell.exec(ExecRequest.sh("echo so far; echo $$ >/tmp/slow; exec sleep 1000")
                        .withLimit(Duration.ofSeconds(3))))
                .isInstanceOf(VmTimeoutException.class)
                .hasMessageContaining("within 3000 ms")
                .hasMessageContaining("(stdout) so far");
        assertThat(shell.sh("kill -0 $(cat /tmp/slow)").exitCode()).isNotZero();
    }

    @Test
    void oneThatIgnoresSigtermIsKilledAllTheSame() {
        GuestProcess stubborn = shell.start(ExecRequest.sh("trap '' TERM; while :; do sleep 1; done"));

        stubborn.close();

        assertThat(stubborn.isAlive()).isFalse();
    }

    @Test
    void aSignalReachesTheWholeGroup() {
        GuestProcess process = shell.start(ExecRequest.sh("sleep 1000 | sleep 1000"));

        assertThat(process.pid()).isPositive();
        assertThat(process.signal("INT")).isTrue();
        assertThat(process.await(Duration.ofSeconds(30)).exitCode()).isEqualTo(128 + 2);
        assertThat(process.signal("INT")).isFalse();
        assertThatThrownBy(() -> process.signal("9; reboot")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anInterruptKillsTheCommandAndKeepsTheFlag() throws InterruptedException {
        CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                shell.exec("sleep", "1234");
            } catch (VmCancelledException e) {
                outcome.complete(Thread.currentThread().isInterrupted());
            }
        });
        thread.start();
        while (shell.exec("pgrep", "-f", "sleep 1234").exitCode() != 0) {
            assertThat(thread.isAlive()).isTrue();
        }
        thread.interrupt();

        assertThat(outcome.orTimeout(1, TimeUnit.SECONDS).join()).isTrue();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (shell.exec("pgrep", "-f", "sleep 1234").exitCode() == 0) {
            assertThat(System.nanoTime()).isLessThan(end);
        }
    }

    @Test
    void linesComeWhileTheCommandRuns() throws InterruptedException {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        GuestInput talk = out -> {
            try {
                for (String answer = answers.take(); !answer.isEmpty(); answer = answers.take()) {
                    out.write(answer.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        GuestProcess process = shell.start(ExecRequest.builder()
                .addCommand("/bin/sh", "-c", "while read -r line; do echo \"got $line\"; done; printf end")
                .stdin(talk)
                .stdoutLines(lines::add)
                .build());

        for (String word : List.of("one", "two")) {
            answers.add(word + "\n");
            assertThat(lines.poll(30, TimeUnit.SECONDS)).isEqualTo("got " + word);
        }
        answers.add("");
        assertThat(process.await(Duration.ofSeconds(30)).stdout()).isEqualTo("got one\ngot two\nend");
        assertThat(lines).containsExactly("end");
    }

    @Test
    void aSinkThatThrowsEndsTheCommand() {
        ExecRequest request = ExecRequest.builder()
                .addCommand("yes")
                .maxCapturedBytes(0)
                .stdoutTo(new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw new IOException("disk full");
                    }
                })
                .build();

        assertThatThrownBy(() -> shell.exec(request))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("disk full");
    }

    @Test
    void anInputThatCannotBeReadEndsTheCommand() {
        ExecRequest request = ExecRequest.of("cat").withStdin(GuestInput.file(Path.of("/no/such/file")));

        assertThatThrownBy(() -> shell.exec(request))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("/no/such/file");
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

    @Test
    void aUserOtherThanRootCanWriteToItsStandardStreamsByName() {
        ExecResult result = shell.exec(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "sh",
                "-c",
                "echo err >/dev/stderr; id -u >/dev/stdout");

        assertThat(result.orFail().stdout()).isEqualTo("65534\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }

    @Test
    void aCommandThatIsWaitedForEndsWithTheVm() throws Exception {
        Path other = Files.createTempDirectory("mv");
        try (BootedGuest doomed = BootedGuest.ready(SPEC, other)) {
            GuestProcess process = doomed.shell().start(ExecRequest.of("sleep", "1000"));
            CompletableFuture<Long> waited = new CompletableFuture<>();
            Thread waiting = new Thread(() -> {
                try {
                    process.await(Duration.ofSeconds(60));
                } catch (VmExitedException e) {
                    waited.complete(System.nanoTime());
                }
            });
            waiting.start();
            long killed = System.nanoTime();
            doomed.qemu().destroyForcibly();

            assertThat(Duration.ofNanos(waited.get(10, TimeUnit.SECONDS) - killed))
                    .isLessThan(Duration.ofMillis(200));
            assertThatThrownBy(() -> doomed.shell().exec("true")).isInstanceOf(VmExitedException.class);
        } finally {
            BootedFolders.remove(other);
        }
    }
}
