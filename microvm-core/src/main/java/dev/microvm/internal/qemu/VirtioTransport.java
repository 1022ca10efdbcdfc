/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.MachineType;

/** How virtio devices are attached; it decides the form of each device's name. */
enum VirtioTransport {
    /** virtio-mmio: {@code virtio-blk-device} and so on. */
    MMIO("-device"),
    /** PCI: {@code virtio-blk-pci} and so on. */
    PCI("-pci");

    private final String suffix;

    VirtioTransport(String suffix) {
        this.suffix = suffix;
    }

    /** Shares do not need PCI, so microvm stays without it: no bus to scan, no PCI code in the guest's way. */
    static VirtioTransport of(MachineType machine) {
        return machine == MachineType.MICROVM ? MMIO : PCI;
    }

    /** {@return the name of a device of a family, such as {@code virtio-blk}, on this transport} */
    String device(String family) {
        return family + suffix;
    }
}
