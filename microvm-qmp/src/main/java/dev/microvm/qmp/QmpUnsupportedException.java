/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** This QEMU does not know a command, or does not allow it now (error class {@code CommandNotFound}). */
public final class QmpUnsupportedException extends QmpException {
    private static final long serialVersionUID = 1L;

    /** The unknown command's name, kept when the exception is serialised. */
    private final String command;
    /** QEMU's own words, kept when the exception is serialised. */
    private final String desc;

    QmpUnsupportedException(String command, String desc, String server) {
        super("QEMU " + server + " does not support the command '" + command + "': " + desc, null);
        this.command = command;
        this.desc = desc;
    }

    /**
     * Returns the command that is not supported.
     *
     * @return its name
     */
    public String command() {
        return command;
    }

    /**
     * Returns QEMU's own words.
     *
     * @return the description
     */
    public String desc() {
        return desc;
    }
}
