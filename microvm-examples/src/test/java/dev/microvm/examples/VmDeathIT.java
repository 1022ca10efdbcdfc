/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.MicroVm;
import dev.microvm.VmExit;
import dev.microvm.VmHost;
import dev.microvm.error.FailureReport;
import dev.microvm.error.VmExitedException;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.GuestProcess;
import dev.microvm.qmp.QmpClosedException;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VM that ends while something is awaited from it: whoever waits is told at once, and told everything. */
class VmDeathIT {
    private static final Duration AT_ONCE = Duration.ofMillis(200);

    @TempDir
    private Path shared;

    private VmHost host;
    private MicroVm vm;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @BeforeEach
    void start() {
        host = VmHost.create();
        vm = host.start(VmSpec.builder()
                .name("mortal")
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("shared", shared).mountedAt("/mnt"))
                // QEMU warns of it on its standard error and goes on.
                .addExtraQemuArguments("-global", "no-such-device.property=1")
                .build());
    }

    @AfterEach
    void nothingIsLeft() {
        Path state = vm.stateFolder();
        host.close();
        assertThat(state).doesNotExist();
        assertThat(HostProcesses.describe(HostProcesses.naming(state))).isEmpty();
    }

    /** By a system call of this JVM: the time that another program takes to start is not part of what is measured. */
    private static void kill(long pid) {
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    }

    @Test
    void killedQemuEndsAWaitForACommandAtOnceWithEverythingToldAboutIt() throws Exception {
        try (GuestProcess sleeping = vm.shell().start(ExecRequest.of("sleep", "1000"))) {
            long[] ended = new long[1];
            FutureTask<Object> wait = new FutureTask<>(() -> {
                try {
                    return sleeping.await(Duration.ofMinutes(5));
                } finally {
                    ended[0] = System.nanoTime();
                }
            });
            Thread thread = new Thread(wait, "waiting");
            thread.start();
            assertThat(HostProcesses.within(
                            Duration.ofSeconds(5), () -> thread.getState() == Thread.State.TIMED_WAITING))
                    .isTrue();

            long killed = System.nanoTime();
            kill(vm.pid());

            assertThatThrownBy(() -> wait.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(VmExitedException.class, failure -> assertTellsAll(failure.report()));
            assertThat(Duration.ofNanos(ended[0] - killed)).isLessThan(AT_ONCE);
        }
        VmExit exit = vm.onExit().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(exit.rung()).isEqualTo(VmExit.Rung.BY_ITSELF);
        assertThat(exit.exitCode()).isEqualTo(128 + 9);
        assertThat(exit.orderly()).isFalse();
    }

    private static void assertTellsAll(FailureReport report) {
        assertThat(report.consoleTail()).as("console").isNotEmpty();
        assertThat(report.commandLine()).as("command line").contains("-kernel");
        assertThat(report.stderrTail()).as("stderr").anyMatch(line -> line.contains("no-such-device"));
        assertThat(report.lastObservation()).contains("QEMU ended with exit code 137");
    }

    @Test
    void killedQemuEndsWaitsForTheConsoleAndForQmpToo() throws Exception {
        FutureTask<Long> console = new FutureTask<>(() -> {
            assertThatThrownBy(() -> vm.console().awaitMatch(Pattern.compile("never said"), Duration.ofMinutes(5)))
                    .isInstanceOfSatisfying(VmExitedException.class, failure -> assertTellsAll(failure.report()));
            return System.nanoTime();
        });
        Thread thread = new Thread(console, "waiting");
        thread.start();
        assertThat(HostProcesses.within(Duration.ofSeconds(5), () -> thread.getState() == Thread.State.TIMED_WAITING))
                .isTrue();

        long killed = System.nanoTime();
        kill(vm.pid());

        assertThat(Duration.ofNanos(console.get(10, TimeUnit.SECONDS) - killed)).isLessThan(AT_ONCE);
        assertThatThrownBy(() -> vm.qmp().execute(QueryStatus.of())).isInstanceOf(QmpClosedException.class);
    }

    @Test
    void virtiofsdThatDiesUnderARunningVmFailsTheVmAtOnce() throws Exception {
        long virtiofsd = HostProcesses.naming(vm.stateFolder()).stream()
                .filter(pid -> HostProcesses.commandLine(Path.of("/proc", Long.toString(pid)))
                        .contains("--shared-dir"))
                .filter(pid -> !HostProcesses.commandLine(Path.of("/proc", Long.toString(pid)))
                        .startsWith("sh\0"))
                .findFirst()
                .orElseThrow();
        try (GuestProcess sleeping = vm.shell().start(ExecRequest.of("sleep", "1000"))) {
            long killed = System.nanoTime();
            kill(virtiofsd);

            assertThatThrownBy(() -> sleeping.await(Duration.ofSeconds(10)))
                    .isInstanceOfSatisfying(
                            VmExitedException.class,
                            failure -> assertThat(failure.report().stderrTail())
                                    .as("the daemon's own words, and QEMU's after them")
                                    .anyMatch(line -> line.startsWith("(virtiofsd shared) ")
                                            && line.contains("Waiting for vhost-user socket connection"))
                                    .anyMatch(line -> line.startsWith("(qemu) ") && line.contains("no-such-device")))
                    .hasMessageContaining("virtiofsd shared died")
                    .hasMessageContaining("exit code 137");
            // 150 ms are spent to see whether it was QEMU that ended first.
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofMillis(500));
        }
        assertThat(vm.onExit().toCompletableFuture().get(20, TimeUnit.SECONDS).reason())
                .contains("virtiofsd");
    }

    @Test
    void orderlyShutdownOfAGuestThatUsesMuchMemoryIsNotBlamedOnItsVirtiofsd() {
        // A QEMU that has much memory to give back ends long after its virtiofsd.
        vm.shell()
                .sh("dd if=/dev/zero of=/dev/shm/much bs=1M count=200 2>/dev/null")
                .orFail();

        VmExit exit = vm.shutdown(Duration.ofSeconds(30));

        assertThat(exit.reason()).isEqualTo("guest-shutdown");
        assertThat(exit.rung()).isEqualTo(VmExit.Rung.GUEST_COMMAND);
        assertThat(exit.orderly()).isTrue();
    }

    @Test
    void guestThatPowersOffByItselfReleasesEverything() throws Exception {
        Path state = vm.stateFolder();
        vm.shell().sh("echo bye >/mnt/last; sync; (sleep 0.3; /run/microvm/busybox poweroff -f) >/dev/null 2>&1 &");

        VmExit exit = vm.onExit().toCompletableFuture().get(30, TimeUnit.SECONDS);

        assertThat(exit.orderly()).isTrue();
        assertThat(exit.reason()).isEqualTo("guest-shutdown");
        assertThat(state).doesNotExist();
        assertThat(Files.readString(shared.resolve("last"))).isEqualTo("bye\n");
    }
}
