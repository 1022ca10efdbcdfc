/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** How a 9p export keeps owners and modes (QEMU manual, {@code -fsdev local,security_model=}). */
public enum SecurityModel {
    /** As {@link #PASSTHROUGH}, but a failing change of owner is ignored; right for read-only shares and for a QEMU without root. */
    NONE("none"),
    /** Owners and modes as the guest says; QEMU must run as root. */
    PASSTHROUGH("passthrough"),
    /** Owners and modes in {@code user.virtfs.*} extended attributes; the file system must have them. */
    MAPPED_XATTR("mapped-xattr"),
    /** Owners and modes in {@code .virtfs_metadata} folders. */
    MAPPED_FILE("mapped-file");

    private final String qemuName;

    SecurityModel(String qemuName) {
        this.qemuName = qemuName;
    }

    /** {@return whether owners and modes are kept apart from those of the host's files} */
    public boolean isMapped() {
        return this == MAPPED_XATTR || this == MAPPED_FILE;
    }

    /** {@return the name QEMU knows it by} */
    public String qemuName() {
        return qemuName;
    }
}
