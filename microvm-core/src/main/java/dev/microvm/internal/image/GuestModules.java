/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.util.ArrayList;
import java.util.List;

/** Which kernel modules a spec's guest needs: those of its devices and file systems, and no others, for each costs time at every boot. */
public final class GuestModules {
    private GuestModules() {}

    /** {@return the modules' names, without those they need themselves; none where the guest boots an initrd of its own} */
    public static List<String> of(VmSpec spec) {
        List<String> names = new ArrayList<>();
        if (!(spec.boot() instanceof HostRoot)) {
            return names;
        }
        names.add(QemuCommandLine.machineOf(spec) == MachineType.MICROVM ? "virtio_mmio" : "virtio_pci");
        names.add("virtio_console");
        // The power button: an ACPI device on x86; a GPIO pin, described by the device tree, on Arm's "virt" without
        // firmware.
        names.add(spec.architecture() == Architecture.AARCH64 ? "gpio_keys" : "button");
        names.add("evdev");
        names.add("virtio_rng");
        names.add("9p");
        names.add("9pnet_virtio");
        names.add("overlay");
        if (spec.shares().stream().anyMatch(VirtiofsShare.class::isInstance)) {
            names.add("virtiofs");
        }
        if (!spec.interfaces().isEmpty() || !spec.forwards().isEmpty()) {
            names.add("virtio_net");
        }
        if (!spec.volumes().isEmpty()) {
            names.add("virtio_blk");
        }
        if (spec.vsock().isPresent()) {
            names.add("vmw_vsock_virtio_transport");
        }
        return List.copyOf(names);
    }
}
