/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Believes in KVM only after a virtual CPU of the very model that will be used has run {@link KvmRom} (on aarch64 {@link Aarch64Rom}):
 * {@code /dev/kvm} may open, and QEMU abort, hang, or crawl all the same. The verdict is remembered for the QEMU program, the CPU model, the
 * machine type and the boot of the host.
 */
public final class KvmProbe {
    /** A CPU needs 0.1 s for it, a loaded host some tenths; where it takes longer, a VM is faster without KVM. */
    static final Duration LIMIT = Duration.ofSeconds(3);

    static final List<String> STAGES_TO_STDOUT =
            List.of("-chardev", "stdio,id=stage,signal=off", "-device", "isa-debugcon,iobase=0xe9,chardev=stage");

    private final ProbeResults results;
    private final ProgramRunner runner;
    private final Path device;
    private final String bootId;

    KvmProbe(ProbeResults results, ProgramRunner runner, String bootId) {
        this(results, runner, bootId, Path.of("/dev/kvm"));
    }

    KvmProbe(ProbeResults results, ProgramRunner runner, String bootId, Path device) {
        this.results = results;
        this.runner = runner;
        this.bootId = bootId;
        this.device = device;
    }

    /**
     * {@return whether KVM can be used}
     *
     * @param qemu the QEMU that will be used
     * @param architecture the host's own architecture
     * @param machine the machine type that will be used
     * @param cpu the CPU model that will be used, usually {@code host}
     * @throws InterruptedException if the calling thread is interrupted
     */
    public KvmVerdict probe(QemuBinary qemu, Architecture architecture, MachineType machine, String cpu)
            throws InterruptedException {
        Optional<KvmVerdict> closed = deviceProblem();
        if (closed.isPresent()) {
            return closed.get();
        }
        try {
            List<String> dependsOn = new ArrayList<>(ProbeResults.identityOf(qemu.path()));
            dependsOn.addAll(List.of(bootId, machine.qemuName(), cpu));
            Optional<KvmVerdict> known = results.find("kvm", dependsOn).flatMap(KvmProbe::decode);
            if (known.isPresent()) {
                return known.get();
            }
            KvmVerdict verdict = run(qemu, architecture, machine, cpu);
            results.remember("kvm", dependsOn, encode(verdict));
            return verdict;
        } catch (IOException e) {
            return new KvmVerdict(
                    false, "the probe of KVM could not run: " + e.getMessage(), "make " + qemu.path() + " run");
        }
    }

    /** Opens the device and closes it at once; no process is started where that fails. */
    private Optional<KvmVerdict> deviceProblem() {
        try {
            FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    .close();
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.of(new KvmVerdict(
                    false,
                    device + " does not exist",
                    "load kvm_intel or kvm_amd, and enable virtualization in the firmware; in a VM, nested virtualization in its host;"
                            + " in a container, pass --device " + device));
        } catch (AccessDeniedException e) {
            String group = group();
            return Optional.of(new KvmVerdict(
                    false,
                    "this user may not open " + device + " (group " + group + ")",
                    "sudo usermod -aG " + group + " $USER, and log in again"));
        } catch (IOException e) {
            return Optional.of(new KvmVerdict(
                    false, device + " cannot be opened: " + e.getMessage(), "see the kernel's log for kvm"));
        }
    }

    private String group() {
        try {
            return String.valueOf(Files.getAttribute(device, "posix:group"));
        } catch (IOException | UnsupportedOperationException e) {
            return "kvm";
        }
    }

    private KvmVerdict run(QemuBinary qemu, Architecture architecture, MachineType machine, String cpu)
            throws IOException, InterruptedException {
        boolean x86 = architecture == Architecture.X86_64;
        List<String> more = x86 ? STAGES_TO_STDOUT : List.of();
        try (ProbeRun probe = ProbeRun.with(x86 ? KvmRom.bytes() : Aarch64Rom.bytes())) {
            ProgramRunner.Outcome outcome =
                    runner.run(probe.command(qemu, architecture, machine, "kvm", cpu, more), LIMIT);
            return judge(outcome, x86 ? KvmRom.EXIT_CODE : 0, machine, cpu);
        }
    }

    private static KvmVerdict judge(ProgramRunner.Outcome outcome, int success, MachineType machine, String cpu) {
        String tried = "a test run with KVM (-machine " + machine.qemuName() + " -cpu " + cpu + ")";
        if (outcome.exitedWith(success)) {
            return new KvmVerdict(true, tried + " worked", "");
        }
        String cure =
                "let the spec's accelerator be AUTO or TCG, or make KVM work: `kvm-ok`, the kernel's log, nested virtualization of the host";
        if (outcome.exitCode().isPresent()) {
            return new KvmVerdict(false, tried + " failed: " + outcome.explained(), cure);
        }
        return new KvmVerdict(
                false, tried + " did not end within " + LIMIT.toMillis() + " ms: " + stage(outcome.output()), cure);
    }

    private static String stage(String output) {
        if (output.indexOf(KvmRom.FULL_SPEED) >= 0) {
            return "no timer interrupt arrived";
        }
        if (output.indexOf(KvmRom.LONG_MODE) >= 0) {
            return "long mode was reached, but 33 million turns of a loop took too long, so this KVM emulates each instruction; "
                    + "Linux would hardly boot";
        }
        if (output.indexOf(KvmRom.REAL_MODE) >= 0) {
            return "only real mode was reached";
        }
        return "the virtual CPU did not report a first instruction";
    }

    private static String encode(KvmVerdict verdict) {
        return verdict.usable() + "\n" + verdict.reason() + "\n" + verdict.cure();
    }

    private static Optional<KvmVerdict> decode(String text) {
        String[] lines = text.split("\n", 3);
        return lines.length == 3
                ? Optional.of(new KvmVerdict(lines[0].equals("true"), lines[1], lines[2]))
                : Optional.empty();
    }
}
