/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static ProcessExit sh(String script) throws InterruptedException {
        return HostProcess.run(List.of("sh", "-c", script), Map.of(), LIMIT);
    }

    @Test
    void killsAtOnceWhereThereIsNoGrace() throws Exception {
        try (HostProcess process = HostProcess.start(
                ProcessRequest.of(List.of("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.02; done")))) {
            process.stop(Duration.ZERO);

            assertThat(process.onExit()
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS)
                            .code())
                    .isEqualTo(137);
        }
    }

    @Test
    void tellsCodeOutputAndErrors() throws Exception {
        ProcessExit exit = sh("echo out; echo one >&2; echo two >&2; exit 3");

        assertThat(exit.code()).isEqualTo(3);
        assertThat(exit.succeeded()).isFalse();
        assertThat(exit.text()).isEqualTo("out\n");
        assertThat(exit.stderrTail()).containsExactly("one", "two");
        assertThat(exit.describe()).contains("sh -c", "exit code 3", "| one");
    }

    @Test
    void keepsBytesThatAreNotText() throws Exception {
        assertThat(sh("printf '\\377\\000\\012'").stdout()).containsExactly(0xff, 0, '\n');
    }

    @Test
    void addsToTheEnvironment() throws Exception {
        ProcessExit exit = HostProcess.run(
                List.of("sh", "-c", "echo \"$MICROVM_TEST\" \"${PATH:+path}\""), Map.of("MICROVM_TEST", "a 'b"), LIMIT);

        assertThat(exit.text()).isEqualTo("a 'b path\n");
    }

    @Test
    void feedsMoreThanAPipeHolds() throws Exception {
        byte[] megabyte = "0123456789abcdef".repeat(65536).getBytes(UTF_8);

        assertThat(HostProcess.run(List.of("cat"), Map.of(), LIMIT, megabyte).stdout())
                .isEqualTo(megabyte);
        assertThat(HostProcess.run(List.of("true"), Map.of(), LIMIT, megabyte).code())
                .isZero();
    }

    @Test
    void tellsDeathBySignalAs128PlusItsNumber() throws Exception {
        assertThat(sh("kill -9 $$").code()).isEqualTo(137);
        assertThat(sh("kill -15 $$").code()).isEqualTo(143);
    }

    @Test
    void saysThatAProgramIsMissing() {
        assertThatThrownBy(() -> HostProcess.run(List.of("no-such-program-here", "x"), Map.of(), LIMIT))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no-such-program-here")
                .hasMessageContaining("No such file")
                .hasMessageContaining("PATH is");
    }

    @Test
    void killsWithItsDescendantsWhatTakesTooLong() throws Exception {
        List<String> pids = new ArrayList<>();
        ProcessExit exit =
                HostProcess.run(List.of("sh", "-c", "sleep 300 & echo $!; wait"), Map.of(), Duration.ofMillis(500));
        exit.text().lines().forEach(pids::add);

        assertThat(exit.timedOut()).isTrue();
        assertThat(exit.succeeded()).isFalse();
        assertThat(exit.describe()).contains("time was up");
        assertThat(pids).hasSize(1);
        Eventually.dead(Long.parseLong(pids.get(0)));
    }

    @Test
    void isNotHeldUpByAGrandchildThatKeepsTheOutputOpen() throws Exception {
        ProcessExit exit = sh("sleep 300 & echo $!");

        assertThat(exit.code()).isZero();
        assertThat(exit.elapsed()).isLessThan(Duration.ofSeconds(10));
        ProcessHandle.of(Long.parseLong(exit.text().strip())).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void killsTheProgramOfAnInterruptedThread() throws Exception {
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        String mark = "3" + System.nanoTime() % 1_000_000_000;
        Thread caller = new Thread(() -> {
            try {
                HostProcess.run(List.of("sleep", mark), Map.of(), LIMIT);
            } catch (Throwable e) {
                outcome.complete(e);
            }
        });
        caller.start();
        long pid = Eventually.pidOf("sleep", mark);
        caller.interrupt();

        assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        Eventually.dead(pid);
    }

    @Test
    void givesAProgramsOutputLineByLine() throws Exception {
        List<String> lines = new ArrayList<>();
        CompletableFuture<String> first = new CompletableFuture<>();
        try (HostProcess process =
                HostProcess.start(ProcessRequest.of(List.of("cat")).withStdout(new LineSplitter(line -> {
                    lines.add(line);
                    first.complete(line);
                })))) {
            process.stdin().write("hello\nlast".getBytes(UTF_8));
            process.stdin().flush();
            assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
            assertThat(process.isAlive()).isTrue();
            process.stdin().close();
            assertThat(process.onExit()
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS)
                            .code())
                    .isZero();
        }
        assertThat(lines).containsExactly("hello", "last");
    }

    @Test
    void climbsDownTheLadder() throws Exception {
        try (HostProcess polite = HostProcess.start(ProcessRequest.of(List.of("sleep", "300")));
                HostProcess stubborn =
                        HostProcess.start(ProcessRequest.of(List.of("sh", "-c", "trap '' TERM; echo up; sleep 300")))) {
            polite.stop(LIMIT);
            stubborn.stop(Duration.ofMillis(300));

            assertThat(polite.onExit()
                            .toCompletableFuture()
                            .get(1, TimeUnit.SECONDS)
                            .code())
                    .isEqualTo(143);
            assertThat(stubborn.onExit()
                            .toCompletableFuture()
                            .get(1, TimeUnit.SECONDS)
                            .code())
                    .isIn(137, 143); // 143 where TERM came before the trap was set
        }
    }

    @Test
    void leavesAProgramAloneThatWasReleased() throws Exception {
        HostProcess process =
                HostProcess.start(ProcessRequest.of(List.of("sh", "-c", "exec sleep 300 > /dev/null 2>&1"))
                        .named("released"));
        try {
            process.release();
            process.close();

            Eventually.noThreadNamed("microvm-released");
            assertThat(process.isAlive()).isTrue();
        } finally {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
