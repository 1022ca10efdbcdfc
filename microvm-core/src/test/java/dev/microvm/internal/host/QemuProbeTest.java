/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuProbeTest {
    private static final HostPlatform PC = new HostPlatform("Linux", "amd64");
    private static final String BANNER = "QEMU emulator version 7.2.22 (Debian)";

    @TempDir
    Path temp;

    private Path program(String name) throws IOException {
        Path folder = Files.createDirectories(temp.resolve("bin"));
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Finding<QemuBinary> find(Map<String, String> environment, ProgramRunner runner, Architecture architecture)
            throws InterruptedException {
        ProbeResults results = new ProbeResults(new CacheFolder(temp.resolve("cache")));
        return new QemuProbe(environment, PC, results, runner, temp.resolve("qemu-kvm")).find(architecture);
    }

    private Map<String, String> path() {
        return Map.of("PATH", temp.resolve("bin").toString());
    }

    @Test
    void findsTheProgramOfTheArchitectureInThePath() throws Exception {
        Path x86 = program("qemu-system-x86_64");
        Path arm = program("qemu-system-aarch64");
        FakeRunner runner = FakeRunner.exiting(0, BANNER, "");

        assertThat(find(path(), runner, Architecture.X86_64).value())
                .contains(QemuBinary.of(x86, new QemuVersion(7, 2, 22)));
        assertThat(find(path(), runner, Architecture.AARCH64).value().map(QemuBinary::path))
                .contains(arm);
    }

    @Test
    void theOverrideGoesFirst() throws Exception {
        program("qemu-system-x86_64");
        Path mine = program("mine");

        Finding<QemuBinary> found = find(
                Map.of("PATH", temp.resolve("bin").toString(), "MICROVM_QEMU", mine.toString()),
                FakeRunner.exiting(0, BANNER, ""),
                Architecture.X86_64);

        assertThat(found.value().map(QemuBinary::path)).contains(mine);
    }

    @Test
    void aWrongOverrideIsAProblemEvenWhereThePathHasOne() throws Exception {
        program("qemu-system-x86_64");

        Finding<QemuBinary> found = find(
                Map.of("PATH", temp.resolve("bin").toString(), "MICROVM_QEMU", "/nowhere/qemu"),
                FakeRunner.exiting(0, BANNER, ""),
                Architecture.X86_64);

        assertThat(found.problems())
                .singleElement()
                .hasToString("qemu: MICROVM_QEMU = /nowhere/qemu, which does not exist"
                        + " -> set MICROVM_QEMU to a qemu-system-* program, or unset it to have PATH searched");
    }

    @Test
    void asksOnceAndAgainOnlyWhenTheFileHasChanged() throws Exception {
        Path x86 = program("qemu-system-x86_64");
        FakeRunner runner = FakeRunner.exiting(0, BANNER, "");

        find(path(), runner, Architecture.X86_64);
        find(path(), runner, Architecture.X86_64);
        assertThat(runner.commands).hasSize(1);

        Files.setLastModifiedTime(x86, FileTime.from(Instant.now().minusSeconds(1000)));
        find(path(), runner, Architecture.X86_64);
        assertThat(runner.commands).hasSize(2);
    }

    @Test
    void withoutAnyQemuNamesThePackage() throws Exception {
        Finding<QemuBinary> found = find(path(), FakeRunner.exiting(0, BANNER, ""), Architecture.X86_64);

        assertThat(found.problems().get(0).detail())
                .contains("qemu-system-x86_64")
                .contains(temp.toString());
        assertThat(found.problems().get(0).cure()).contains("apt install qemu-system-x86");
    }

    @Test
    void takesRedHatsProgramOnlyForTheHostsOwnArchitecture() throws Exception {
        Path redHat = Files.move(program("x"), temp.resolve("qemu-kvm"));
        FakeRunner runner = FakeRunner.exiting(0, BANNER, "");

        assertThat(find(path(), runner, Architecture.X86_64).value().map(QemuBinary::path))
                .contains(redHat);
        assertThat(find(path(), runner, Architecture.AARCH64).value()).isEmpty();
    }

    @Test
    void refusesAVersionThatIsTooOld() throws Exception {
        program("qemu-system-x86_64");

        Finding<QemuBinary> found =
                find(path(), FakeRunner.exiting(0, "QEMU emulator version 4.2.1", ""), Architecture.X86_64);

        assertThat(found.problems().get(0).detail()).contains("4.2.1").contains("6.2.0");
    }

    @Test
    void aProgramThatFailsIsQuoted() throws Exception {
        program("qemu-system-x86_64");

        Finding<QemuBinary> found = find(
                path(),
                FakeRunner.exiting(127, "", "error while loading shared libraries: libfoo.so"),
                Architecture.X86_64);

        assertThat(found.problems().get(0).detail()).contains("exit code 127").contains("libfoo.so");
    }
}
