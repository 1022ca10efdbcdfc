/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** The guest's instruction set; it decides which {@code qemu-system-*} program runs and which machine types exist. */
public enum Architecture {
    /** 64-bit x86: {@code qemu-system-x86_64}. */
    X86_64("x86_64"),
    /** 64-bit Arm: {@code qemu-system-aarch64}. Rendered and accepted by QEMU; not yet booted by this library's tests. */
    AARCH64("aarch64");

    private final String qemuName;

    Architecture(String qemuName) {
        this.qemuName = qemuName;
    }

    /** {@return the architecture's name in QEMU's program names and in {@code uname -m}} */
    public String qemuName() {
        return qemuName;
    }
}
