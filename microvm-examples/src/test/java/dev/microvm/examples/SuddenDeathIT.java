/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However the JVM, the lifeline or both die: two seconds later nothing of the VM is left on the host. */
class SuddenDeathIT {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration AFTERWARDS = Duration.ofSeconds(2);

    @TempDir
    private Path shared;

    private final String id = "it-" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @Test
    void killedJvmLeavesNothing() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(VmProgram.class, shared.toString(), id)) {
            Path state = awaitReady(jvm);
            jvm.kill("KILL");
            assertNothingIsLeft(state);
        }
    }

    @Test
    void interruptedJvmLeavesNothing() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(VmProgram.class, shared.toString(), id)) {
            Path state = awaitReady(jvm);
            // What a terminal does on Ctrl-C: the whole foreground process group, of which the JVM is the leader.
            ChildJvm.signal(-jvm.pid(), "INT");
            assertNothingIsLeft(state);
        }
    }

    @Test
    void killedLifelineLeavesNothing() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(VmProgram.class, shared.toString(), id)) {
            Path state = awaitReady(jvm);
            ChildJvm.signal(lifelineOf(state), "KILL");
            assertNothingIsLeft(state);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"PREPARE", "SERVICES", "SPAWN", "QMP", "KERNEL", "AGENT", "MOUNTS"})
    void jvmKilledDuringStartLeavesNothing(Phase phase) throws Exception {
        try (ChildJvm jvm = ChildJvm.start(VmProgram.class, shared.toString(), id)) {
            jvm.awaitLine("PHASE", START);
            while (!jvm.awaitLine("PHASE", START).equals(phase.name())) {
                // the next one
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

    private Path stateFolder() {
        Path root = Requirements.isRoot()
                ? Path.of("/run/microvm")
                : Path.of(System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/tmp"), "microvm");
        return root.resolve(id);
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
