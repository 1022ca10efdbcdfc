/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.VmExit;
import dev.microvm.VmExit.Rung;
import dev.microvm.VmHost;
import dev.microvm.VmListener;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.qmp.command.Stop;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Starting, stopping and giving up, with real VMs. */
class VmLifeIT {
    private static final VmSpec SPEC = VmSpec.builder()
            .name("life")
            .memoryMib(256)
            .boot(BootSource.hostRoot())
            .build();

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @Test
    void rootCallerGetsAQemuThatRunsAsNobody() throws IOException {
        assumeTrue(Requirements.isRoot(), "only root's QEMU changes its user");
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(SPEC)) {
            assertThat(Files.readString(Path.of("/proc", Long.toString(vm.pid()), "status")))
                    .containsPattern("Uid:\t65534\t65534\t65534\t65534")
                    .containsPattern("CapEff:\t0{16}");
            ExecResult shadow = vm.shell().exec("cat", "/etc/shadow");
            assertThat(shadow.exitCode())
                    .as("the guest reads no more than its QEMU")
                    .isNotZero();
            assertThat(shadow.stdout()).isEmpty();
        }
    }

    @Test
    void socketsAreClosedToOtherUsers() throws IOException {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(SPEC);
                Stream<Path> files = Files.walk(vm.stateFolder())) {
            List<Path> sockets = files.filter(file -> !Files.isRegularFile(file) && !Files.isDirectory(file))
                    .toList();
            assertThat(sockets).hasSizeGreaterThan(20);
            assertThat(sockets)
                    .allSatisfy(socket -> assertThat(Files.getPosixFilePermissions(socket))
                            .as(socket.toString())
                            .doesNotContain(
                                    PosixFilePermission.GROUP_WRITE,
                                    PosixFilePermission.OTHERS_READ,
                                    PosixFilePermission.OTHERS_WRITE));
        }
    }

    @Test
    void pausedGuestIsEndedByQuitAndTheRungIsTold() {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(SPEC)) {
            vm.qmp().execute(Stop.of());

            VmExit exit = vm.shutdown(Duration.ofSeconds(2));

            assertThat(exit.rung()).isEqualTo(Rung.QMP_QUIT);
            assertThat(exit.reason()).isEqualTo("host-qmp-quit");
            assertThat(exit.orderly()).isFalse();
        }
    }

    @Test
    void guestWithAFrozenControlLoopReactsToItsPowerButton() {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(SPEC)) {
            // In the background: the loop that is frozen is also the one that would tell of this command's end.
            vm.shell()
                    .sh(
                            "(sleep 0.5; for p in /proc/[0-9]*; do grep -q 'microvm/[a]gent' $p/cmdline && kill -STOP ${p#/proc/};"
                                    + " done) >/dev/null 2>&1 &");
            ExecRequest probe = ExecRequest.of("true").withLimit(Duration.ofSeconds(2));
            assertThat(HostProcesses.within(Duration.ofSeconds(60), () -> isFrozen(vm, probe)))
                    .isTrue();

            VmExit exit = vm.shutdown(Duration.ofSeconds(20));

            assertThat(exit.rung()).isEqualTo(Rung.POWER_BUTTON);
            assertThat(exit.orderly()).isTrue();
        }
    }

    private static boolean isFrozen(MicroVm vm, ExecRequest probe) {
        try {
            return vm.shell().exec(probe).exitCode() != 0;
        } catch (VmTimeoutException e) {
            return true;
        }
    }

    @Test
    void stoppedQemuIsEndedByTheLastRung() throws Exception {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(SPEC)) {
            ChildJvm.signal(vm.pid(), "STOP");

            assertThat(vm.shutdown(Duration.ofSeconds(1)).rung()).isEqualTo(Rung.SIGKILL);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"SPAWN", "QMP", "AGENT", "MOUNTS"})
    void interruptedStartUndoesEverythingAndKeepsTheFlag(Phase phase) throws Exception {
        Path root = Files.createTempDirectory("mv-it-");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("MICROVM_STATE", root.toString());
        LaunchOptions options = LaunchOptions.builder()
                .listener(new VmListener() {
                    @Override
                    public void phaseStarted(Phase started) {
                        if (started == phase) {
                            assertThat(root).as("there is something to undo").isNotEmptyDirectory();
                            Thread.currentThread().interrupt();
                        }
                    }
                })
                .build();
        try (VmHost host = VmHost.builder().environment(environment).build()) {
            assertThatThrownBy(() -> host.start(SPEC, options).close())
                    .isInstanceOf(VmCancelledException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).as("the flag is set again").isTrue();
        }
        assertThat(root).isEmptyDirectory();
        assertThat(HostProcesses.describe(HostProcesses.naming(root))).isEmpty();
        Files.delete(root);
    }

    @Test
    void closingTheHostCancelsAStartInAnotherThreadAndUndoesIt() throws Exception {
        CountDownLatch inAgent = new CountDownLatch(1);
        LaunchOptions options = LaunchOptions.builder()
                .listener(new VmListener() {
                    @Override
                    public void phaseStarted(Phase started) {
                        if (started == Phase.AGENT) {
                            inAgent.countDown();
                        }
                    }
                })
                .build();
        VmHost host = VmHost.create();
        FutureTask<MicroVm> start = new FutureTask<>(() -> host.start(SPEC, options));
        new Thread(start, "starting").start();
        assertThat(inAgent.await(60, TimeUnit.SECONDS)).isTrue();

        host.close();

        assertThat(HostProcesses.within(Duration.ofSeconds(1), start::isDone))
                .as("close waits for the start to be undone")
                .isTrue();
        assertThatThrownBy(start::get).hasCauseInstanceOf(VmCancelledException.class);
        assertThatThrownBy(() -> host.start(SPEC)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void consoleCanBeAskedAfterTheVmHasGone() {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(SPEC)) {
            vm.shell().sh("echo last words >/dev/console; sleep 0.2").orFail();
            vm.shutdown(Duration.ofSeconds(30));

            assertThat(vm.console().awaitMatch(Pattern.compile("last words"), Duration.ofSeconds(1)))
                    .isEqualTo("last words");
        }
    }

    @Test
    void leavesNoThreadAndNoDescriptorInTheJvm() throws IOException {
        startAndStop(); // what is loaded once is loaded
        List<String> descriptorsBefore = descriptors();

        startAndStop();
        startAndStop();

        assertThat(HostProcesses.within(
                        Duration.ofSeconds(15), () -> microvmThreads().isEmpty()))
                .as("threads %s", microvmThreads())
                .isTrue();
        assertThat(descriptors()).hasSameSizeAs(descriptorsBefore);
    }

    private static void startAndStop() {
        try (MicroVm vm = MicroVm.start(SPEC)) {
            assertThat(vm.shell().exec("true").exitCode()).isZero();
        }
    }

    private static List<String> microvmThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("microvm"))
                .toList();
    }

    private static List<String> descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.map(VmLifeIT::target)
                    .filter(name -> !name.endsWith(".jar"))
                    .toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "closed meanwhile.jar";
        }
    }

    @Test
    void twoVmsRunAtOnce() {
        try (VmHost host = VmHost.create();
                MicroVm one = host.start(SPEC);
                MicroVm two = host.start(SPEC)) {
            assertThat(one.stateFolder()).isNotEqualTo(two.stateFolder());
            assertThat(one.shell().sh("echo one >/tmp/x; cat /tmp/x").orFail().stdout())
                    .isEqualTo("one\n");
            assertThat(two.shell().exec("ls", "/tmp/x").exitCode()).isNotZero();
        }
    }
}
