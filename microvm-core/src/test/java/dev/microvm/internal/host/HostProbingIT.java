/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probes against the real QEMU, kernel and host; each test has a cache of its own, so that nothing is remembered. */
class HostProbingIT {
    private static final Set<String> MODULES = Set.of(
            "9p",
            "9pnet_virtio",
            "virtio_mmio",
            "virtio_console",
            "overlay",
            "virtiofs",
            "virtio_net",
            "button",
            "evdev");

    @TempDir
    Path cache;

    private HostProbe host;
    private QemuBinary qemu;

    @BeforeEach
    void findQemu() throws InterruptedException {
        host = hostWith(Map.of());
        Finding<QemuBinary> found = host.qemu(Architecture.X86_64);
        needed(found.value().isPresent(), found.toString());
        qemu = found.value().orElseThrow();
    }

    private HostProbe hostWith(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("MICROVM_CACHE", cache.toString());
        environment.putAll(more);
        return new HostProbe(environment);
    }

    /** What is missing skips the test on a developer's machine, and fails it where integration tests are required. */
    private static void needed(boolean there, String what) {
        if (Boolean.getBoolean("microvm.it.required")) {
            assertThat(there).as(what).isTrue();
        }
        Assumptions.assumeTrue(there, what);
    }

    @Test
    void saysQemusVersion() {
        assertThat(qemu.version()).isGreaterThanOrEqualTo(QemuVersion.OLDEST);
        assertThat(qemu.path()).isAbsolute().isExecutable();
        assertThat(qemu.features()).isEqualTo(QemuFeatures.of(qemu.version()));
    }

    @Test
    void aProgramThatIsNotQemuIsAProblemNamingIt() throws InterruptedException {
        Finding<QemuBinary> found =
                hostWith(Map.of("MICROVM_QEMU", "/bin/true")).qemu(Architecture.X86_64);

        assertThat(found.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.detail()).contains("/bin/true").contains("exit code 0");
            assertThat(problem.cure()).contains("MICROVM_QEMU");
        });
    }

    @Test
    void theRomOfTheKvmProbeRunsToItsEndOnBothMachines() throws Exception {
        for (MachineType machine : List.of(MachineType.MICROVM, MachineType.Q35)) {
            try (ProbeRun probe = ProbeRun.with(KvmRom.bytes())) {
                List<String> command =
                        probe.command(qemu, Architecture.X86_64, machine, "tcg", "max", KvmProbe.STAGES_TO_STDOUT);
                ProgramRunner.Outcome outcome = new HostProcessRunner().run(command, Duration.ofSeconds(30));

                assertThat(outcome.output()).as(outcome.explained()).isEqualTo("RLS");
                assertThat(outcome.exitCode()).hasValue(KvmRom.EXIT_CODE);
            }
        }
    }

    @Test
    void theRomForArmPowersItsMachineOff() throws Exception {
        Finding<QemuBinary> arm = host.qemu(Architecture.AARCH64);
        needed(arm.value().isPresent(), arm.toString());
        try (ProbeRun probe = ProbeRun.with(Aarch64Rom.bytes())) {
            List<String> command = probe.command(
                    arm.value().orElseThrow(), Architecture.AARCH64, MachineType.VIRT, "tcg", "max", List.of());
            ProgramRunner.Outcome outcome = new HostProcessRunner().run(command, Duration.ofSeconds(30));

            assertThat(outcome.exitCode()).as(outcome.explained()).hasValue(0);
        }
    }

    /** Either KVM works, or the choice falls on TCG with a reason, and asking for KVM gives the same reason as a problem. */
    @Test
    void kvmIsChosenOnlyWhereAVirtualCpuRan() throws InterruptedException {
        VmSpec automatic = VmSpec.builder().boot(BootSource.hostRoot()).build();
        VmSpec kvm =
                VmSpec.builder().from(automatic).accelerator(Accelerator.KVM).build();

        AcceleratorChoice choice =
                host.facts(automatic, MachineType.MICROVM).value().orElseThrow().accelerator();
        Finding<HostFacts> asked = host.facts(kvm, MachineType.MICROVM);

        System.getLogger("it").log(System.Logger.Level.INFO, choice + " / " + asked);
        if (choice.kind() == Accelerator.KVM) {
            assertThat(asked.value()).isPresent();
        } else {
            assertThat(choice.reason()).startsWith("no KVM: ").hasSizeGreaterThan(20);
            assertThat(asked.problems()).singleElement().satisfies(problem -> {
                assertThat(choice.reason()).endsWith(problem.detail().substring("KVM is asked for, but ".length()));
                assertThat(problem.cure()).isNotEmpty();
            });
        }
    }

    @Test
    void twoMeasurementsOfTheTimeStampCounterAgree() throws Exception {
        needed("amd64".equals(System.getProperty("os.arch")), "an x86_64 host");
        List<TscRate> rates = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Finding<TscRate> rate = new TscProbe(new CacheFolder(cache), new HostProcessRunner(), "boot")
                    .measure(qemu, MachineType.MICROVM);
            System.getLogger("it").log(System.Logger.Level.INFO, rate.toString());
            rates.add(rate.value().orElseThrow(() -> new AssertionError(rate.toString())));
        }

        assertThat((double) rates.get(0).khz())
                .isCloseTo(rates.get(1).khz(), within(0.005 * rates.get(1).khz()));
        if (rates.get(0).kernelKhz().isPresent()) {
            double kernel = rates.get(0).kernelKhz().getAsLong();
            assertThat((double) rates.get(0).khz()).isCloseTo(kernel, within(0.005 * kernel));
        }
    }

    @Test
    void theRateIsRememberedForThisBoot() throws Exception {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .accelerator(Accelerator.TCG)
                .build();
        needed("amd64".equals(System.getProperty("os.arch")), "an x86_64 host");

        HostFacts first = host.facts(spec, MachineType.MICROVM).value().orElseThrow();
        long start = System.nanoTime();
        HostFacts second =
                hostWith(Map.of()).facts(spec, MachineType.MICROVM).value().orElseThrow();

        assertThat(second).isEqualTo(first);
        assertThat(first.tscKhz()).isPresent();
        // A measurement takes 0.4 s at the least, by the ticks it waits for.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(300));
    }

    @Test
    void findsAKernelWithTheModulesOfAGuestAndReadsThem() throws IOException, InterruptedException {
        Finding<KernelImage> found = new HostProbe(System.getenv()).kernels().find(Architecture.X86_64, MODULES);
        needed(found.value().isPresent(), found.toString());
        KernelImage kernel = found.value().orElseThrow();

        List<ModuleFile> files = KernelModules.read(kernel.modules()).loadOrder(MODULES);

        assertThat(kernel.image()).isReadable();
        for (ModuleFile file : files) {
            byte[] bytes = file.bytes(host.zstd());
            assertThat(bytes).as(file.name()).startsWith(0x7f, 'E', 'L', 'F');
        }
        assertThat(files.stream().map(ModuleFile::name)).doesNotHaveDuplicates();
        assertThat(Files.isDirectory(kernel.modules())).isTrue();
    }

    /** Without a root file system the kernel panics and resets the machine, which ends QEMU: enough to see that it was entered. */
    @Test
    void anUnpackedKernelBoots() throws Exception {
        Finding<KernelImage> found = new HostProbe(System.getenv()).kernels().find(Architecture.X86_64, MODULES);
        needed(found.value().isPresent(), found.toString());
        KernelImage kernel = found.value().orElseThrow();

        long start = System.nanoTime();
        Path unpacked = host.uncompressed().of(kernel);
        System.getLogger("it").log(System.Logger.Level.INFO, "unpacked in " + millisSince(start));
        assertThat(unpacked).startsWith(cache).isNotEqualTo(kernel.image());
        assertThat(host.uncompressed().of(kernel)).isEqualTo(unpacked);
        for (Path image : List.of(kernel.image(), unpacked)) {
            start = System.nanoTime();
            ProgramRunner.Outcome outcome = bootToPanic(image);
            System.getLogger("it").log(System.Logger.Level.INFO, image.getFileName() + ": " + millisSince(start));
            assertThat(outcome.output()).contains("Linux version").contains("Kernel panic");
            assertThat(outcome.exitCode()).hasValue(0);
        }
    }

    private static String millisSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms";
    }

    private ProgramRunner.Outcome bootToPanic(Path kernel) throws Exception {
        long khz = new TscProbe(new CacheFolder(cache), new HostProcessRunner(), "boot")
                .rate(qemu, MachineType.MICROVM)
                .value()
                .orElseThrow()
                .khz();
        List<String> command = List.of(
                qemu.path().toString(),
                "-machine",
                "microvm,accel=tcg,acpi=on",
                "-cpu",
                "max",
                "-m",
                "512",
                "-nodefaults",
                "-no-user-config",
                "-no-reboot",
                "-display",
                "none",
                "-serial",
                "stdio",
                "-kernel",
                kernel.toString(),
                "-append",
                "console=ttyS0 reboot=t panic=-1 no_timer_check tsc=reliable tsc_early_khz=" + khz);
        return new HostProcessRunner().run(command, Duration.ofSeconds(120));
    }
}
