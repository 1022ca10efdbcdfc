/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** What executes the guest's instructions (QEMU's {@code accel=}). */
public enum Accelerator {
    /** KVM where a tiny real QEMU run has shown that it works, else TCG; the reason is kept with the choice. */
    AUTO,
    /** The kernel's hypervisor; a start on a host where it does not work is refused with the reason. */
    KVM,
    /** QEMU's own translator: works everywhere, five to twenty times slower. */
    TCG
}
