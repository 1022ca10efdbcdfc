/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/**
 * What a 9p export does where the shared tree spans several file systems of the host, whose inode numbers may then be equal (QEMU manual,
 * {@code -virtfs multidevs=}; {@code -fsdev} takes it too). A guest that meets one number twice takes two files for one: hard links that
 * are none, {@code cp -a} and {@code tar} that lose content.
 */
public enum MultiDevs {
    /** Inode numbers are rewritten so that they differ; the default. */
    REMAP("remap"),
    /** What lies on another file system than the shared folder itself cannot be reached. */
    FORBID("forbid"),
    /** Numbers are passed on as they are; QEMU warns once on its standard error. */
    WARN("warn");

    private final String qemuName;

    MultiDevs(String qemuName) {
        this.qemuName = qemuName;
    }

    /** {@return the name QEMU knows it by} */
    public String qemuName() {
        return qemuName;
    }
}
