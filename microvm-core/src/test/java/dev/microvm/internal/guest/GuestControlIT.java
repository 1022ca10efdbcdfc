/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestInput;
import dev.microvm.guest.GuestProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several commands at once, signals, leftovers, and the end of the VM. */
class GuestControlIT extends OneBootedGuest {
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
                .hasMessageContaining("no free slot")
                .hasMessageContaining("8 are running")
                .hasMessageContaining("run fewer at once")
                .hasMessageNotContaining("background");
        eight.get(3).signal("TERM");
        assertThat(ninth.join().stdout()).isEqualTo("ninth\n");
        eight.forEach(GuestProcess::close);
        assertThat(eight).noneMatch(GuestProcess::isAlive);
    }

    /** Races between a command's end and the next one in its slot show only in numbers; -Dmicrovm.full asks for ten times as many. */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void manyCommandsFromManyThreadsGetTheirOwnStreams() {
        int each = Boolean.getBoolean("microvm.full") ? 400 : 40;
        List<CompletableFuture<Void>> all = IntStream.range(0, 10)
                .mapToObj(thread -> CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < each; i++) {
                                String mine = thread + "/" + i;
                                ExecRequest request = ExecRequest.of(
                                        "/run/microvm/busybox",
                                        "sh",
                                        "-c",
                                        "cat; echo out " + mine + "; echo err " + mine + " >&2");
                                ExecResult result = shell.exec(
                                        i % 3 == 0 ? request.withStdin(GuestInput.text("in " + mine + " ")) : request);
                                assertThat(result.orFail().stdout())
                                        .isEqualTo((i % 3 == 0 ? "in " + mine + " " : "") + "out " + mine + "\n");
                                assertThat(result.stderr()).isEqualTo("err " + mine + "\n");
                            }
                        },
                        task -> new Thread(task).start()))
                .toList();
        all.forEach(CompletableFuture::join);
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
    void whatIsAttachedToAnExitMayRunTheNextCommand() throws Exception {
        CompletableFuture<String> next = shell.start(ExecRequest.of("sleep", "0.2"))
                .onExit()
                .thenApply(result -> shell.exec("echo", "next").orFail().stdout())
                .toCompletableFuture();

        assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo("next\n");
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
            assertThatThrownBy(() -> doomed.shell().exec("true"))
                    .isInstanceOf(VmExitedException.class)
                    .hasMessageContaining("was not started: the VM has gone")
                    .hasMessageNotContaining("while");
        } finally {
            BootedFolders.remove(other);
        }
    }
}
