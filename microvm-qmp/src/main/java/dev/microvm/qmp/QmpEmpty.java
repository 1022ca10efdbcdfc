/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** The result of a command that has none, and the data of an event that has none. */
public enum QmpEmpty {
    /** Nothing. */
    EMPTY;

    /**
     * Reads nothing: what a newer QEMU may have added is skipped.
     *
     * @param reader stands before the empty object
     * @return {@link #EMPTY}
     */
    public static QmpEmpty read(QmpReader reader) {
        reader.value();
        return EMPTY;
    }
}
