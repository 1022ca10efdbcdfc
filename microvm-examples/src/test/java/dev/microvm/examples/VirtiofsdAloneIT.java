/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spec.MachineType;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import dev.microvm.spi.ServiceFailedException;
import dev.microvm.virtiofs.Virtiofsd;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The daemon of a share for a QEMU that is not this library's. */
@Timeout(60)
class VirtiofsdAloneIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path temp;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    private static boolean says(Virtiofsd daemon, String words) {
        return daemon.stderrTail().stream().anyMatch(line -> line.contains(words));
    }

    private Process qemu(Virtiofsd daemon, MachineType machine) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "qemu-system-x86_64",
                "-machine",
                machine.qemuName() + ",accel=tcg",
                "-nodefaults",
                "-display",
                "none",
                "-S"));
        command.addAll(Virtiofsd.sharedMemoryArguments(machine, 64));
        command.addAll(daemon.qemuArguments(machine));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(new File(temp.toFile(), "qemu.out"))
                .start();
    }

    @ParameterizedTest
    @EnumSource(
            value = MachineType.class,
            names = {"Q35", "MICROVM"})
    void anyQemuCanUseItAndItEndsWithThat(MachineType machine) throws Exception {
        Path folder;
        try (Virtiofsd daemon = Virtiofsd.start(VirtiofsShare.of("work", temp))) {
            folder = daemon.socket().getParent();
            Process qemu = qemu(daemon, machine);
            try {
                assertThat(HostProcesses.within(LIMIT, () -> says(daemon, "Client connected") || !qemu.isAlive()))
                        .isTrue();
                assertThat(says(daemon, "Client connected"))
                        .as(Files.readString(temp.resolve("qemu.out")))
                        .isTrue();
            } finally {
                qemu.destroyForcibly().waitFor();
            }

            assertThat(daemon.died().toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .contains("exit code 0", "Client disconnected");
        }
        assertThat(folder).doesNotExist();
        assertThat(HostProcesses.describe(HostProcesses.naming(folder))).isEmpty();
    }

    @Test
    void killedJvmLeavesNothing() throws Exception {
        Path folder = temp.resolve("alone");
        try (ChildJvm jvm = ChildJvm.start(VirtiofsdProgram.class, temp.toString(), folder.toString())) {
            assertThat(jvm.awaitLine("READY", LIMIT)).isEqualTo(folder + "/fs.sock");
            assertThat(folder.resolve("fs.sock.pid")).exists();
            assertThat(HostProcesses.naming(folder)).as("lifeline and daemon").hasSizeGreaterThanOrEqualTo(2);

            jvm.kill("KILL");

            HostProcesses.within(
                    Duration.ofSeconds(2), () -> HostProcesses.naming(folder).isEmpty() && !Files.exists(folder));
            assertThat(HostProcesses.describe(HostProcesses.naming(folder))).isEmpty();
            assertThat(folder).doesNotExist();
        }
    }

    @Test
    void groupMayPassWhereTheShareNamesOne() throws Exception {
        VirtiofsShare share = VirtiofsShare.builder()
                .from(VirtiofsShare.of("work", temp))
                .daemon(VirtiofsdOptions.builder()
                        .socketGroup(String.valueOf(Files.getAttribute(temp, "posix:group")))
                        .build())
                .build();
        try (Virtiofsd daemon = Virtiofsd.start(share, temp.resolve("open"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("open"))))
                    .isEqualTo("rwx--x--x");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket())))
                    .isEqualTo("rwxrwx---");
        }
    }

    @Test
    void saysWhatIsWrongAndLeavesNothing() {
        assertThatThrownBy(
                        () -> Virtiofsd.start(VirtiofsShare.of("work", temp.resolve("missing")), temp.resolve("alone")))
                .isInstanceOf(ServiceFailedException.class)
                .hasMessageContaining(temp.resolve("missing") + " does not exist");
        assertThat(temp.resolve("alone")).doesNotExist();
        assertThatThrownBy(() -> Virtiofsd.start(VirtiofsShare.of("work", temp), temp))
                .isInstanceOf(ServiceFailedException.class)
                .hasMessageContaining(temp.toString());
        assertThat(temp).exists();
    }
}
