/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel says about a process in {@code /proc/PID/stat} (proc(5)). Looking for the folder is not enough: where process 1
 * does not reap, as in many containers, an ended process stays as a zombie for ever.
 *
 * @param state the state letter: {@code R} running, {@code S} asleep, {@code D} in uninterruptible sleep, {@code Z} zombie, ...
 * @param startTicks when it started, in clock ticks after boot; tells two processes with the same id apart
 */
public record ProcStat(char state, long startTicks) {
    /** {@return the entry of a process; empty where there is none} */
    public static Optional<ProcStat> of(long pid) {
        try {
            byte[] stat = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat"));
            return Optional.of(parse(new String(stat, StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The second field, the program's name in parentheses, may itself hold blanks and parentheses: count from the last one. */
    static ProcStat parse(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new ProcStat(fields[0].charAt(0), Long.parseLong(fields[19]));
    }

    /** {@return whether it has not ended yet; a zombie, which nobody may ever reap, has} */
    public boolean alive() {
        return state != 'Z' && state != 'X';
    }

    /** {@return whether a process that started at a time is still running} */
    public static boolean isAlive(long pid, long startTicks) {
        return of(pid).filter(stat -> stat.alive() && stat.startTicks == startTicks)
                .isPresent();
    }
}
