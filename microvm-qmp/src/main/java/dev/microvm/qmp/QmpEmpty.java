/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** The result of a command that has none, and the data of an event that has none. */
public enum QmpEmpty implements QmpObject {
    /** Nothing. */
    EMPTY;

    @Override
    public void writeMembers(QmpWriter out) {}

    /**
     * Reads nothing: what a newer QEMU may have added is skipped.
     *
     * @param in the empty object
     * @return {@link #EMPTY}
     */
    public static QmpEmpty read(QmpReader in) {
        return EMPTY;
    }
}
