/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/**
 * What becomes of a running VM whose virtiofsd has died. The protocol has no way back: whatever in the guest touches the share from then on
 * hangs in the kernel for ever.
 */
public enum DaemonDeath {
    /** The VM is ended at once, and whoever waits for something of it is told why. The default. */
    FAIL_VM,
    /**
     * The VM's processors are stopped (QMP {@code stop}) and it stays, for its memory and devices to be looked at; its listener is told, and it
     * can still be shut down. A command under way in the guest is waited for until its own limit. A daemon that dies before the VM is ready fails the start all the same.
     */
    FREEZE_VM
}
