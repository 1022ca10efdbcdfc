/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

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
        return new ProcessIdentity(pid, stat(pid).startTime());
    }

    /** {@return the identity in a line {@code PID STARTTIME}; one that is not alive if it cannot be read} */
    public static ProcessIdentity parse(String line) {
        String[] parts = line.trim().split(" ", -1);
        try {
            return new ProcessIdentity(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return new ProcessIdentity(-1, -1);
        }
    }

    /** {@return whether just this process runs; a zombie, which nobody may ever reap, does not} */
    public boolean isAlive() {
        Stat now = stat(pid);
        return now.startTime() == startTime && startTime >= 0 && now.state() != 'Z' && now.state() != 'X';
    }

    /** {@return the line that {@link #parse} reads} */
    public String line() {
        return pid + " " + startTime;
    }

    private record Stat(char state, long startTime) {}

    private static Stat stat(long pid) {
        try {
            String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            // The name in brackets may hold anything; the fields are counted after the last bracket.
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            return new Stat(fields[0].charAt(0), Long.parseLong(fields[19]));
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            return new Stat('X', -1);
        }
    }
}
