/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import dev.microvm.internal.process.ProcStat;
import java.util.Optional;

/**
 * A process that cannot be mistaken for a later one with the same number: its pid and its start time in clock ticks since boot (field 22
 * of {@code /proc/PID/stat}, proc(5)).
 *
 * @param pid the process id
 * @param startTime the start time; -1 if it was not known
 */
public record ProcessIdentity(long pid, long startTime) {
    /** {@return the identity of a running process; with start time -1 if it has gone} */
    public static ProcessIdentity of(long pid) {
        return new ProcessIdentity(
                pid, ProcStat.of(pid).map(ProcStat::startTicks).orElse(-1L));
    }

    /** {@return the identity in a line {@code PID STARTTIME}; empty if it is none} */
    public static Optional<ProcessIdentity> parse(String line) {
        String[] parts = line.split(" ", -1);
        try {
            return parts.length == 2
                    ? Optional.of(new ProcessIdentity(Long.parseLong(parts[0]), Long.parseLong(parts[1])))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** {@return whether just this process runs; a zombie, which nobody may ever reap, does not} */
    public boolean isAlive() {
        return ProcStat.isAlive(pid, startTime);
    }

    /** {@return the line that {@link #parse} reads} */
    public String line() {
        return pid + " " + startTime;
    }
}
