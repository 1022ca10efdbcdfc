/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** The transport protocol of a {@link PortForward}. */
public enum Protocol {
    /** TCP. */
    TCP("tcp"),
    /** UDP; only from host to guest, for QEMU has no UDP guest forward. */
    UDP("udp");

    private final String qemuName;

    Protocol(String qemuName) {
        this.qemuName = qemuName;
    }

    /** {@return the name QEMU knows it by} */
    public String qemuName() {
        return qemuName;
    }
}
