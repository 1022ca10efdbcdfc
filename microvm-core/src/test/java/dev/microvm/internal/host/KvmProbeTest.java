/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvmProbeTest {
    @TempDir
    Path temp;

    private Path device;
    private QemuBinary qemu;

    @BeforeEach
    void files() throws IOException {
        device = Files.createFile(temp.resolve("kvm"));
        qemu = QemuBinary.of(Files.createFile(temp.resolve("qemu")), new QemuVersion(7, 2, 22));
    }

    private KvmProbe probe(ProgramRunner runner, String boot) {
        return new KvmProbe(new ProbeResults(new CacheFolder(temp.resolve("cache"))), runner, boot, device);
    }

    private KvmVerdict verdict(ProgramRunner runner) throws InterruptedException {
        return probe(runner, "boot").probe(qemu, Architecture.X86_64, MachineType.MICROVM, "host");
    }

    private Finding<AcceleratorChoice> choose(Accelerator wish, Architecture guest, FakeRunner runner)
            throws InterruptedException {
        return new AcceleratorChooser(new HostPlatform("Linux", "amd64"), probe(runner, "boot"))
                .choose(wish, guest, qemu, MachineType.MICROVM, Optional.empty());
    }

    @Test
    void believesInKvmAfterTheRomRanToItsEnd() throws Exception {
        FakeRunner runner = FakeRunner.exiting(33, "RLS", "");

        assertThat(verdict(runner).usable()).isTrue();
        assertThat(runner.commands.get(0)).containsSubsequence("-machine", "microvm,accel=kvm", "-cpu", "host");
    }

    @Test
    void quotesQemuWhereItAborts() throws Exception {
        KvmVerdict verdict = verdict(FakeRunner.exiting(134, "", "error: failed to set MSR 0x10a to 0x69\n"));

        assertThat(verdict.usable()).isFalse();
        assertThat(verdict.reason()).endsWith("failed: exit code 134: error: failed to set MSR 0x10a to 0x69");
    }

    @Test
    void saysHowFarAVirtualCpuCameThatHangs() throws Exception {
        assertThat(verdict(FakeRunner.hanging("RL")).reason())
                .contains("3000 ms")
                .contains("emulates each instruction");
    }

    @Test
    void aDeviceThatIsAbsentRunsNothing() throws Exception {
        Files.delete(device);
        FakeRunner runner = FakeRunner.exiting(33, "", "");

        KvmVerdict verdict = verdict(runner);

        assertThat(verdict.reason()).isEqualTo(device + " does not exist");
        assertThat(verdict.cure()).contains("nested virtualization");
        assertThat(runner.commands).isEmpty();
    }

    @Test
    void remembersTheVerdictForThisBootOnly() throws Exception {
        FakeRunner runner = FakeRunner.exiting(134, "", "no");

        KvmVerdict first = verdict(runner);
        assertThat(verdict(runner)).isEqualTo(first);
        assertThat(runner.commands).hasSize(1);

        probe(runner, "next boot").probe(qemu, Architecture.X86_64, MachineType.MICROVM, "host");
        assertThat(runner.commands).hasSize(2);
    }

    @Test
    void anotherCpuModelIsProbedAnew() throws Exception {
        FakeRunner runner = FakeRunner.exiting(33, "RLS", "");

        verdict(runner);
        probe(runner, "boot").probe(qemu, Architecture.X86_64, MachineType.MICROVM, "qemu64");

        assertThat(runner.commands).hasSize(2);
    }

    @Test
    void aWishForTcgNeverProbesKvm() throws Exception {
        FakeRunner runner = FakeRunner.exiting(33, "RLS", "");

        assertThat(choose(Accelerator.TCG, Architecture.X86_64, runner).value())
                .contains(new AcceleratorChoice(Accelerator.TCG, "the spec says TCG"));
        assertThat(runner.commands).isEmpty();
    }

    @Test
    void automaticFallsBackWithTheReasonAndKvmIsRefusedWithIt() throws Exception {
        FakeRunner runner = FakeRunner.exiting(1, "", "could not access KVM");

        AcceleratorChoice choice =
                choose(Accelerator.AUTO, Architecture.X86_64, runner).value().orElseThrow();
        Finding<AcceleratorChoice> refused = choose(Accelerator.KVM, Architecture.X86_64, runner);

        assertThat(choice.kind()).isEqualTo(Accelerator.TCG);
        assertThat(choice.reason()).contains("could not access KVM");
        assertThat(refused.problems().get(0).detail())
                .startsWith("KVM is asked for, but")
                .contains("could not access KVM");
    }

    @Test
    void anotherArchitectureRunsUnderTcgWithoutAProbe() throws Exception {
        FakeRunner runner = FakeRunner.exiting(33, "RLS", "");

        AcceleratorChoice choice =
                choose(Accelerator.AUTO, Architecture.AARCH64, runner).value().orElseThrow();

        assertThat(choice.kind()).isEqualTo(Accelerator.TCG);
        assertThat(choice.reason()).contains("aarch64").contains("amd64");
        assertThat(runner.commands).isEmpty();
    }
}
