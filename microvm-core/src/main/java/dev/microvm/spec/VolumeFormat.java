/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** The format of a {@link Volume}'s image file. It is always said, never guessed: guessing raw images is a known hole. */
public enum VolumeFormat {
    /** Plain bytes. */
    RAW("raw"),
    /**
     * QEMU's copy-on-write format. An image whose header names a backing file or an external data file is refused before the start unless
     * {@link Volume#linked()} allows it: QEMU would open that file for the guest. (QEMU, docs/interop/qcow2.txt.)
     */
    QCOW2("qcow2");

    private final String qemuName;

    VolumeFormat(String qemuName) {
        this.qemuName = qemuName;
    }

    /** {@return the name QEMU knows it by} */
    public String qemuName() {
        return qemuName;
    }
}
