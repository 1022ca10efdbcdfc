/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

/** One of the three standard streams of a command in the guest; each slot has a port for each. */
public enum PortStream {
    /** Standard input, from the host. */
    IN("in"),
    /** Standard output, from the guest. */
    OUT("out"),
    /** Standard error, from the guest. */
    ERR("err");

    private final String portName;

    PortStream(String portName) {
        this.portName = portName;
    }

    /** {@return the last part of the port's name in the guest, as in {@code microvm.0.out}} */
    String portName() {
        return portName;
    }

    /** {@return the letter that stands for it in the names of sockets and of QEMU's character devices} */
    String letter() {
        return portName.substring(0, 1);
    }
}
