/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

/** The steps of a VM's life, in their order. */
public enum Phase {
    /** All problems of the spec and of the host are looked for; nothing is started. */
    PREFLIGHT,
    /** The lifeline and the state folder; volumes, initramfs. */
    PREPARE,
    /** Services of the host, such as virtiofsd. */
    SERVICES,
    /** QEMU is started. */
    SPAWN,
    /** QEMU has connected to our QMP socket and answered. */
    QMP,
    /** The kernel has written its first byte to the console. */
    KERNEL,
    /** The control loop in the guest has answered. */
    AGENT,
    /** The guest mounts what the spec says, one by one, and changes into its root. */
    MOUNTS,
    /** Everything the spec asks for is there. */
    READY,
    /** The VM runs; start is over. */
    RUNNING,
    /** The VM is being stopped. */
    STOPPING
}
