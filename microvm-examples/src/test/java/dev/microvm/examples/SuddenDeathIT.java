/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.error.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However the JVM, the lifeline or both die: two seconds later nothing of the VM is left on the host. */
class SuddenDeathIT {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration AFTERWARDS = Duration.ofSeconds(2);

    /** Who starts the VM. */
    private enum Caller {
        /** The user who runs the tests: root's QEMU then runs as another user than its lifeline. */
        SELF,
        /** A user without rights, where the tests run as root. */
        UNPRIVILEGED
    }

    @TempDir
    private static Path common;

    private static @Nullable UnprivilegedCaller unprivileged;

    @TempDir
    private Path shared;

    private Path states = Path.of("/nowhere");

    private final String id = "it-" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @ParameterizedTest
    @EnumSource
    void killedJvmLeavesNothing(Caller caller) throws Exception {
        try (ChildJvm jvm = startVm(caller)) {
            Path state = awaitReady(jvm);
            jvm.kill("KILL");
            assertNothingIsLeft(state);
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptedJvmLeavesNothing(Caller caller) throws Exception {
        try (ChildJvm jvm = startVm(caller)) {
            Path state = awaitReady(jvm);
            // What a terminal does on Ctrl-C: the whole foreground process group, of which the JVM is the leader.
            ChildJvm.signal(-jvm.pid(), "INT");
            assertNothingIsLeft(state);
        }
    }

    @ParameterizedTest
    @EnumSource
    void killedLifelineLeavesNothing(Caller caller) throws Exception {
        try (ChildJvm jvm = startVm(caller)) {
            Path state = awaitReady(jvm);
            ChildJvm.signal(lifelineOf(state), "KILL");
            assertNothingIsLeft(state);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"PREFLIGHT", "PREPARE", "SERVICES", "SPAWN", "QMP", "KERNEL", "AGENT", "MOUNTS", "READY"})
    void jvmKilledDuringStartLeavesNothing(Phase phase) throws Exception {
        try (ChildJvm jvm = startVm(Caller.SELF)) {
            while (!jvm.awaitLine("PHASE", START).equals(phase.name())) {
                // the next one
            }
            if (phase.compareTo(Phase.PREPARE) > 0) {
                assertThat(stateFolder())
                        .as("there is something to be left behind")
                        .exists();
            }
            jvm.kill("KILL");
            assertNothingIsLeft(stateFolder());
        }
    }

    private Path awaitReady(ChildJvm jvm) throws InterruptedException {
        Path state = Path.of(jvm.awaitLine("READY", START));
        assertThat(HostProcesses.naming(state))
                .as("there is something to be left behind: lifeline, virtiofsd, QEMU")
                .hasSizeGreaterThanOrEqualTo(3);
        return state;
    }

    private ChildJvm startVm(Caller caller) throws IOException {
        // A place of our own, so that what is looked for afterwards is where it was.
        states = Files.createTempDirectory("mv-it-");
        Files.setPosixFilePermissions(states, PosixFilePermissions.fromString("rwx--x--x"));
        if (caller == Caller.SELF) {
            return ChildJvm.start(
                    Map.of("MICROVM_STATE", states.toString()),
                    List.of(),
                    ChildJvm.classPath(),
                    VmProgram.class,
                    shared.toString(),
                    id);
        }
        assumeTrue(Requirements.isRoot(), "an unprivileged caller is what SELF has proved");
        UnprivilegedCaller nobody = nobody();
        nobody.own(states);
        nobody.own(shared);
        return ChildJvm.startWithClassPath(
                nobody.prefixWith("MICROVM_STATE", states.toString()),
                nobody.classPath(),
                VmProgram.class,
                shared.toString(),
                id);
    }

    private static UnprivilegedCaller nobody() throws IOException {
        if (unprivileged == null) {
            Files.setPosixFilePermissions(common, PosixFilePermissions.fromString("rwxr-xr-x"));
            unprivileged = UnprivilegedCaller.in(common);
        }
        return unprivileged;
    }

    @AfterEach
    void removeStateRoot() throws IOException {
        Files.deleteIfExists(states);
    }

    private Path stateFolder() {
        return states.resolve(id);
    }

    private static long lifelineOf(Path state) throws IOException {
        return Long.parseLong(Files.readAllLines(state.resolve("owner")).get(1).split(" ")[0]);
    }

    private static void assertNothingIsLeft(Path state) {
        HostProcesses.within(AFTERWARDS, () -> HostProcesses.naming(state).isEmpty() && !Files.exists(state));
        List<Long> left = HostProcesses.naming(state);
        assertThat(HostProcesses.describe(left)).as("processes").isEmpty();
        assertThat(state).as("state folder, sockets in it").doesNotExist();
    }
}
