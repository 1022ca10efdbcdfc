/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayList;
import java.util.List;

/**
 * This QEMU, or guest agent, does not know a command (error class {@code CommandNotFound}) or something in its arguments, or does not allow
 * it now. Where the library knows other releases that do, the message and {@link #releases()} name them.
 */
public final class QmpUnsupportedException extends QmpException {
    private static final long serialVersionUID = 1L;

    /** The command's name, kept when the exception is serialised. */
    private final String command;
    /** QEMU's own words, or those of the check, kept when the exception is serialised. */
    private final String desc;
    /** The releases that are known to have it, kept when the exception is serialised. */
    private final ArrayList<String> releases;

    QmpUnsupportedException(String command, String what, String desc, List<String> releases, QmpVersion version) {
        super(
                releases.isEmpty()
                        ? "QEMU " + version + " does not support " + what + ": " + desc
                        : what + " needs QEMU " + or(releases) + "; this is " + version + ": " + desc,
                null);
        this.command = command;
        this.desc = desc;
        this.releases = new ArrayList<>(releases);
    }

    /**
     * Makes one that knows of no other release. The library itself throws these; the constructor is public for the fakes of users.
     *
     * @param server who does not support it
     * @param command the command's name
     * @param desc the server's own words
     */
    public QmpUnsupportedException(String server, String command, String desc) {
        super(server + " does not support the command '" + command + "': " + desc, null);
        this.command = command;
        this.desc = desc;
        this.releases = new ArrayList<>();
    }

    private static String or(List<String> words) {
        int last = words.size() - 1;
        return last == 0 ? words.get(0) : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    /**
     * Returns the command that is not supported, or not with these arguments.
     *
     * @return its name
     */
    public String command() {
        return command;
    }

    /**
     * Returns QEMU's own words; of a command that was not sent, what is wrong with it.
     *
     * @return the description
     */
    public String desc() {
        return desc;
    }

    /**
     * Returns the releases that are known to support it. Releases that the library was not made of may do so too.
     *
     * @return the releases, such as {@code 10.0}; empty if none is known, or if it should be in this one
     */
    public List<String> releases() {
        return List.copyOf(releases);
    }
}
