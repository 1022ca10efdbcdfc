/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import java.util.Optional;

/** Makes a choice of what a spec wishes: KVM where it was seen to work, else TCG; KVM that was asked for and does not work is a problem. */
public final class AcceleratorChooser {
    private final HostPlatform platform;
    private final KvmProbe kvm;

    AcceleratorChooser(HostPlatform platform, KvmProbe kvm) {
        this.platform = platform;
        this.kvm = kvm;
    }

    /**
     * {@return the choice and its reason, or the problem of a KVM that was asked for}
     *
     * @param wish the spec's accelerator; KVM is not probed where it is {@link Accelerator#TCG}
     * @param guest the guest's architecture
     * @param qemu the QEMU that will be used
     * @param machine the machine type that will be used
     * @param cpu the spec's CPU model; absent: {@code host}
     * @throws InterruptedException if the calling thread is interrupted
     */
    public Finding<AcceleratorChoice> choose(
            Accelerator wish, Architecture guest, QemuBinary qemu, MachineType machine, Optional<String> cpu)
            throws InterruptedException {
        if (wish == Accelerator.TCG) {
            return Finding.of(new AcceleratorChoice(Accelerator.TCG, "the spec says TCG"));
        }
        KvmVerdict verdict = verdict(guest, qemu, machine, cpu.orElse("host"));
        if (verdict.usable()) {
            return Finding.of(new AcceleratorChoice(Accelerator.KVM, verdict.reason()));
        }
        return wish == Accelerator.AUTO
                ? Finding.of(new AcceleratorChoice(Accelerator.TCG, "no KVM: " + verdict.reason()))
                : Finding.problem("accelerator", "KVM is asked for, but " + verdict.reason(), verdict.cure());
    }

    private KvmVerdict verdict(Architecture guest, QemuBinary qemu, MachineType machine, String cpu)
            throws InterruptedException {
        if (!platform.architecture().equals(Optional.of(guest))) {
            return new KvmVerdict(
                    false,
                    "the guest is " + guest.qemuName() + " and the host " + platform.osArch()
                            + "; KVM runs only the host's own instruction set",
                    "let the spec's accelerator be AUTO or TCG");
        }
        return kvm.probe(qemu, guest, machine, cpu);
    }
}
