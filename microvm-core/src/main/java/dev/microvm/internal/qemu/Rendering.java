/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.internal.host.HostFacts;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VmSpec;

/** Everything a family of devices may look at. */
record Rendering(VmSpec spec, HostFacts facts, BootFiles boot, RuntimePaths paths) {
    MachineType machine() {
        return Machine.of(spec);
    }

    boolean kvm() {
        return facts.accelerator().kind() == Accelerator.KVM;
    }

    boolean x86() {
        return spec.architecture() == Architecture.X86_64;
    }

    /** {@return the start of a virtio device's option list in the form the machine takes} */
    OptionList device(String family) {
        return OptionList.of(VirtioTransport.of(machine()).device(family));
    }
}
