/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** How virtiofsd shuts itself in ({@code --sandbox}). */
public enum Sandbox {
    /** Namespaces where they can be had, else a chroot for root with {@code CAP_SYS_CHROOT}, else none; the choice is explained. The default. */
    AUTO,
    /** Mount, pid and network namespaces; without root also a user namespace. */
    NAMESPACE,
    /** {@code chroot(2)}; only for root. */
    CHROOT,
    /** None but seccomp: for callers without root and without user namespaces. */
    NONE
}
