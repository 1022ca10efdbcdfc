/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** QEMU's machine type ({@code -machine}). */
public enum MachineType {
    /**
     * {@code microvm}: no PCI, no legacy devices, at most 24 virtio-mmio devices; the fastest start. x86_64 only. (QEMU manual,
     * "microvm virtual platform".)
     */
    MICROVM("microvm"),
    /** {@code q35}: a PC with PCI Express. x86_64 only; for guests that need PCI. */
    Q35("q35"),
    /** {@code virt}: the usual machine of aarch64. */
    VIRT("virt");

    private final String qemuName;

    MachineType(String qemuName) {
        this.qemuName = qemuName;
    }

    /** {@return the name QEMU knows it by} */
    public String qemuName() {
        return qemuName;
    }
}
