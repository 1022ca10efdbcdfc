/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** QEMU, or a guest agent, refused a command (QMP specification, "Error"). */
public final class QmpErrorException extends QmpException {
    private static final long serialVersionUID = 1L;

    /** The refused command's name, kept when the exception is serialised. */
    private final String command;
    /** QEMU's class of error, kept when the exception is serialised. */
    private final String errorClass;
    /** QEMU's own words, kept when the exception is serialised. */
    private final String desc;

    QmpErrorException(String command, String errorClass, String desc) {
        this("QEMU", command, errorClass, desc);
    }

    /**
     * Makes one. The library itself throws these; the constructor is public for the fakes of users.
     *
     * @param server who refused, such as {@code QEMU}
     * @param command the command's name
     * @param errorClass the class of the error
     * @param desc the server's own words
     */
    public QmpErrorException(String server, String command, String errorClass, String desc) {
        super(server + " refused the command '" + command + "': " + errorClass + ": " + desc, null);
        this.command = command;
        this.errorClass = errorClass;
        this.desc = desc;
    }

    /**
     * Returns the command that was refused.
     *
     * @return its name
     */
    public String command() {
        return command;
    }

    /**
     * Returns the class of the error.
     *
     * @return the class, nearly always {@code GenericError}
     */
    public String errorClass() {
        return errorClass;
    }

    /**
     * Returns QEMU's own words. They are for people: they differ between versions, so do not parse them.
     *
     * @return the description
     */
    public String desc() {
        return desc;
    }
}
