/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.VmExit;
import dev.microvm.VmHost;
import dev.microvm.VmListener;
import dev.microvm.error.Phase;
import dev.microvm.error.PreflightException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmStartException;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestProcess;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.RunState;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.DaemonDeath;
import dev.microvm.spec.InodeFileHandles;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong with a virtiofs share: a clear error or a recovery, nothing lost that was fsynced, nothing left running. */
@Timeout(180)
class VirtiofsFaultsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path shared;

    private final Map<String, String> environment = new HashMap<>(System.getenv());
    private Path states = Path.of("/nowhere");

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @BeforeEach
    void ownStateRoot() throws IOException {
        // Not below the temporary folder of the test, which root's QEMU, another user, could not enter.
        states = Files.createTempDirectory("mv-it-");
        Files.setPosixFilePermissions(states, PosixFilePermissions.fromString("rwx--x--x"));
        environment.put("MICROVM_STATE", states.toString());
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        nothingRunsOrIsKept();
        Files.delete(states);
    }

    /** No process, and nothing of a state folder: no socket, no pid file. */
    private void nothingRunsOrIsKept() {
        HostProcesses.within(
                Duration.ofSeconds(2), () -> HostProcesses.naming(states).isEmpty());
        assertThat(HostProcesses.describe(HostProcesses.naming(states))).isEmpty();
        assertThat(states).isEmptyDirectory();
    }

    private VmHost host() {
        return VmHost.builder().environment(environment).build();
    }

    private static VmSpec spec(String name, Share... shares) {
        return VmSpec.builder()
                .name(name)
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(shares)
                .build();
    }

    private VirtiofsShare share() {
        return VirtiofsShare.of("shared", shared).mountedAt("/mnt");
    }

    /** {@return the daemon of a VM's share, by its pid file} */
    private static ProcessHandle daemon(MicroVm vm) throws IOException {
        String pid =
                Files.readAllLines(vm.stateFolder().resolve("fs0.sock.pid")).get(0);
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    /** Phase, the daemon's own words and the cure; what died stands in the message. */
    private static void assertTellsOfTheDeath(VmExitedException failure) {
        assertThat(failure)
                .hasMessageContaining("virtiofsd shared died")
                .hasMessageContaining("ended with exit code 137");
        assertThat(failure.report().phase()).isEqualTo(Phase.RUNNING);
        assertThat(failure.report().stderrTail())
                .anyMatch(line -> line.startsWith("(virtiofsd shared) ") && line.contains("Client connected"));
        assertThat(failure.report().hint()).contains("start the VM again", "SIGKILL", "FREEZE_VM");
    }

    /** Beside the share whose daemon is killed stands one where the guest keeps what it writes until it must give it up. */
    @Test
    void killedUnderLoadLosesNothingThatWasSynced(@TempDir Path kept, @TempDir Path classes) throws Exception {
        VirtiofsShare keeping = VirtiofsShare.builder()
                .from(VirtiofsShare.of("keeping", kept).mountedAt("/media"))
                .daemon(VirtiofsdOptions.builder().writeback(true).build())
                .build();
        GuestProgram writer = GuestProgram.in(classes, GuestSyncProgram.class);
        try (VmHost host = host();
                MicroVm vm = host.start(
                        spec("load", VirtiofsShare.of("shared", shared).mountedAt("/srv"), keeping, writer.share()));
                GuestProcess writing = vm.shell().start(writer.request("/srv", "/media"))) {
            assertThat(HostProcesses.within(LIMIT, () -> Files.exists(shared.resolve("ok20"))))
                    .as("the guest writes")
                    .isTrue();

            daemon(vm).destroyForcibly();

            assertThatThrownBy(() -> writing.await(LIMIT))
                    .isInstanceOfSatisfying(VmExitedException.class, VirtiofsFaultsIT::assertTellsOfTheDeath);
            VmExit exit = vm.onExit().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(exit.reason()).contains("virtiofsd shared died", "exit code 137");
        }
        List<String> lines = Files.readAllLines(kept.resolve("log"));
        int synced = 0;
        for (; Files.exists(shared.resolve("ok" + synced)); synced++) {
            assertThat(Files.readString(shared.resolve("f" + synced)))
                    .hasSize(GuestSyncProgram.FILE_BYTES)
                    .endsWith("0" + synced);
            assertThat(lines).as("the file that stayed open").contains("line " + synced);
        }
        assertThat(synced).isGreaterThan(20);
    }

    @Test
    void frozenVmStaysToBeLookedAtAndShutsDownAtOnce() throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        LaunchOptions options = LaunchOptions.builder()
                .listener(new VmListener() {
                    @Override
                    public void note(Phase phase, String text) {
                        if (text.startsWith("the VM is frozen")) {
                            told.complete(text);
                        }
                    }
                })
                .build();
        VirtiofsShare freezing = VirtiofsShare.builder()
                .from(share())
                .onDeath(DaemonDeath.FREEZE_VM)
                .build();
        try (VmHost host = host();
                MicroVm vm = host.start(spec("frozen", freezing), options)) {
            assertThat(vm.frozen()).isEmpty();

            daemon(vm).destroyForcibly();

            assertThat(told.get(10, TimeUnit.SECONDS)).contains("virtiofsd shared died", "exit code 137");
            assertThat(vm.frozen().orElseThrow()).contains("virtiofsd shared died");
            assertThat(vm.isRunning()).isTrue();
            assertThat(vm.qmp().execute(QueryStatus.of()).status()).isEqualTo(RunState.PAUSED);
            long begin = System.nanoTime();
            VmExit exit = vm.shutdown(Duration.ofMinutes(5));
            assertThat(exit.rung()).isEqualTo(VmExit.Rung.QMP_QUIT);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        }
    }

    /** Once QEMU has connected nobody needs it any more. */
    @Test
    void socketRemovedBeforeQemuConnectsIsMadeAgain() throws Exception {
        Files.writeString(shared.resolve("letter"), "hello");
        LaunchOptions options = LaunchOptions.builder()
                .id("robbed")
                .listener(new VmListener() {
                    @Override
                    public void phaseStarted(Phase phase) {
                        if (phase == Phase.SPAWN) {
                            try {
                                Files.delete(states.resolve("robbed/fs0.sock"));
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        }
                    }
                })
                .build();
        try (VmHost host = host();
                MicroVm vm = host.start(spec("robbed", share()), options)) {
            assertThat(vm.stateFolder().resolve("virtiofsd-shared.2.stderr"))
                    .as("it was started twice")
                    .exists();
            assertThat(vm.shell().exec("cat", "/mnt/letter").orFail().stdout()).isEqualTo("hello");

            Files.delete(vm.stateFolder().resolve("fs0.sock"));
            vm.shell().sh("echo answer >/mnt/answer && sync /mnt/answer").orFail();
            assertThat(shared.resolve("answer")).hasContent("answer\n");
            assertThat(vm.shutdown(LIMIT).orderly()).isTrue();
        }
    }

    @Test
    void removedFolderAndTooFewDescriptorsAreErrorsInTheGuestThatItSurvives() throws Exception {
        Path gone = Files.createDirectory(shared.resolve("gone"));
        Path few = Files.createDirectory(shared.resolve("few"));
        for (int i = 0; i < 300; i++) {
            Files.writeString(few.resolve("n" + i), "x");
        }
        VirtiofsShare tight = VirtiofsShare.builder()
                .from(VirtiofsShare.of("few", few).mountedAt("/mnt"))
                .daemon(VirtiofsdOptions.builder()
                        .inodeFileHandles(InodeFileHandles.NEVER)
                        .rlimitNofile(700)
                        .build())
                .build();
        try (VmHost host = host();
                MicroVm vm = host.start(
                        spec("robust", tight, VirtiofsShare.of("gone", gone).mountedAt("/media")))) {
            vm.shell().sh("echo kept > /mnt/kept && sync /mnt/kept").orFail();
            vm.shell().sh("echo x > /media/file && rm /media/file").orFail();

            Files.delete(gone);
            ExecResult write = vm.shell().exec("sh", "-c", "echo x > /media/file");
            assertThat(write.isSuccess()).as(write.toString()).isFalse();
            assertThat(write.stderr()).contains("/media/file", "Directory nonexistent");

            ExecResult read = vm.shell().exec("sh", "-c", "cat /mnt/n*");
            assertThat(read.isSuccess()).as("300 files with 91 descriptors").isFalse();
            assertThat(read.stderr()).contains("Too many open files");

            assertThat(few.resolve("kept")).hasContent("kept\n");

            // What the guest forgets the daemon closes.
            vm.shell().exec("sh", "-c", "echo 3 > /proc/sys/vm/drop_caches").orFail();
            assertThat(vm.shell().exec("cat", "/mnt/n299").orFail().stdout()).isEqualTo("x");
            vm.shell().sh("echo more >> /mnt/kept && sync /mnt/kept").orFail();
            assertThat(vm.shutdown(LIMIT).orderly()).isTrue();
        }
        assertThat(few.resolve("kept")).hasContent("kept\nmore\n");
        assertThat(gone).doesNotExist();
    }

    @Test
    void twoVmsOnOneFolderSeeEachOtherAndDieApart() throws Exception {
        try (VmHost host = host();
                MicroVm one = host.start(spec("one", share()));
                MicroVm two = host.start(spec("two", share()))) {
            one.shell().sh("echo from one > /mnt/one && sync /mnt/one").orFail();
            two.shell().sh("echo from two > /mnt/two && sync /mnt/two").orFail();
            assertThat(two.shell().exec("cat", "/mnt/one").orFail().stdout()).isEqualTo("from one\n");
            assertThat(one.shell().exec("cat", "/mnt/two").orFail().stdout()).isEqualTo("from two\n");
            assertThat(two.shell().exec("stat", "-c", "%s", "/mnt/one").orFail().stdout())
                    .isEqualTo("9\n");
            one.shell().sh("echo changed >> /mnt/one && sync /mnt/one").orFail();
            assertThat(HostProcesses.within(
                            LIMIT,
                            () -> two.shell()
                                    .exec("stat", "-c", "%s", "/mnt/one")
                                    .orFail()
                                    .stdout()
                                    .equals("17\n")))
                    .as("a change of what the other VM has looked at before")
                    .isTrue();

            daemon(one).destroyForcibly(); // idle
            assertThat(one.onExit()
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS)
                            .reason())
                    .contains("virtiofsd shared died");
            assertThatThrownBy(() -> one.shell().exec("true"))
                    .isInstanceOfSatisfying(VmExitedException.class, VirtiofsFaultsIT::assertTellsOfTheDeath);
            assertThat(HostProcesses.describe(HostProcesses.naming(one.stateFolder())))
                    .isEmpty();
            assertThat(one.stateFolder()).doesNotExist();

            two.shell().sh("echo still >> /mnt/one && sync /mnt/one").orFail();
            assertThat(Files.readString(shared.resolve("one"))).isEqualTo("from one\nchanged\nstill\n");
            assertThat(two.shutdown(LIMIT).orderly()).isTrue();
        }
    }

    @Test
    void fullDiskOfTheHostIsAnErrorInTheGuestAndSpaceComesBack() throws Exception {
        Requirements.need(Requirements.isRoot(), "only root may mount a small file system");
        List<String> prefix = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o size=4m,mode=755 small \"$1\" && shift && exec \"$@\"",
                "sh",
                shared.toString());
        try (ChildJvm jvm = ChildJvm.start(
                Map.of("MICROVM_STATE", states.toString()),
                prefix,
                ChildJvm.classPath(),
                FullDiskProgram.class,
                shared.toString())) {
            for (String way : List.of("through", "kept back")) {
                assertThat(jvm.awaitLine("FILLED", Duration.ofMinutes(2)))
                        .as("writes are %s", way)
                        .startsWith("1 ")
                        .contains("No space left on device");
                assertThat(jvm.awaitLine("KEPT", LIMIT)).isEqualTo("precious");
                assertThat(jvm.awaitLine("AGAIN", LIMIT)).isEqualTo("0 524288");
            }
            assertThat(jvm.awaitLine("ORDERLY", LIMIT)).isEqualTo("true");
            assertThat(jvm.awaitExit(LIMIT)).as(jvm.output()).isZero();
        }
    }

    @Test
    void daemonThatNeverOpensItsSocketEndsTheStartWithItsWords() throws Exception {
        // The shell stays, for its command line names the state folder: so it is found if it is left.
        environment.put(
                "MICROVM_VIRTIOFSD",
                program("echo thinking >&2; while :; do sleep 1; done").toString());
        LaunchOptions options =
                LaunchOptions.builder().hostLimit(Duration.ofSeconds(2)).build();
        try (VmHost host = host()) {
            assertThatThrownBy(() -> host.start(spec("waiting", share()), options))
                    .isInstanceOfSatisfying(VmStartException.class, failure -> {
                        assertThat(failure.report().phase()).isEqualTo(Phase.SERVICES);
                        assertThat(failure.report().stderrTail()).contains("thinking");
                        assertThat(failure.report().hint()).contains("run it by hand");
                    })
                    .hasMessageContaining("virtiofsd shared (process ")
                    .hasMessageContaining("was not ready within 2000 ms");
            nothingRunsOrIsKept();
        }
    }

    @Test
    void wrongProgramIsNamedBeforeAnythingIsStarted() {
        environment.put("MICROVM_VIRTIOFSD", "/bin/true");
        try (VmHost host = host()) {
            assertThatThrownBy(() -> host.start(spec("wrong", share())))
                    .isInstanceOfSatisfying(
                            PreflightException.class,
                            failure -> assertThat(failure.problems())
                                    .singleElement()
                                    .satisfies(problem -> {
                                        assertThat(problem.detail()).contains("/bin/true is not virtiofsd");
                                        assertThat(problem.cure()).contains("MICROVM_VIRTIOFSD");
                                    }));
        }
    }

    private Path program(String body) throws IOException {
        Path file = Files.writeString(
                shared.resolve("virtiofsd"),
                "#!/bin/sh\ncase $1 in --version) echo virtiofsd 1.13.2; exit;; --print-*) exit;; esac\n" + body
                        + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** {@return the notes of a preflight about a share's daemon} */
    static List<String> choices(VmHost host, VmSpec spec) {
        return host.preflight(spec).choices().stream()
                .filter(choice -> choice.startsWith("virtiofsd "))
                .toList();
    }

    @Test
    void preflightTellsHowTheDaemonWillRun() {
        try (VmHost host = host()) {
            assertThat(Stream.of("sandbox ", "inode file handles ", "owners: "))
                    .allSatisfy(what -> assertThat(choices(host, spec("told", share())))
                            .anyMatch(choice -> choice.startsWith("virtiofsd shared: " + what)));
        }
    }
}
