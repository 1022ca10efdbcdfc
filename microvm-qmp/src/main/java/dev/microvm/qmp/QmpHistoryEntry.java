/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Something that happened on a connection, kept for diagnostics. Arguments and results are not kept, for they may be secret or large.
 *
 * @param at when
 * @param kind what
 * @param name the command or event
 * @param detail the id of a command, the words of an error, the data of an event; may be empty
 */
public record QmpHistoryEntry(Instant at, Kind kind, String name, String detail) {

    /** What happened. */
    public enum Kind {
        /** A command was sent. */
        COMMAND,
        /** A command succeeded. */
        RETURN,
        /** A command was refused. */
        ERROR,
        /** An event arrived. */
        EVENT,
        /** Something arrived that fits nothing; it was dropped. */
        STRAY
    }

    /** Says it in a message, relative to now. */
    String describe() {
        Duration ago = Duration.between(at, Instant.now()).truncatedTo(ChronoUnit.MILLIS);
        return kind + " " + name + (detail.isEmpty() ? "" : " " + JsonFormat.abbreviate(detail)) + ", " + ago.toMillis()
                + " ms ago";
    }

    @Override
    public String toString() {
        return at + " " + kind + " " + name + (detail.isEmpty() ? "" : " " + detail);
    }
}
