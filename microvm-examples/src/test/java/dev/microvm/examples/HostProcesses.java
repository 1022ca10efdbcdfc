/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The processes of a VM, found by its state folder, which all of them name. */
final class HostProcesses {
    private HostProcesses() {}

    /** {@return those that live, zombies apart, whose command line names the folder, except JVMs} */
    static List<Long> naming(Path folder) {
        return saying(folder.toString());
    }

    /** {@return those that live, zombies apart, whose command line holds a text, arguments ended by NUL, except JVMs} */
    static List<Long> saying(String text) {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.filter(entry -> entry.getFileName().toString().matches("\\d+"))
                    .filter(entry -> commandLine(entry).contains(text)
                            && !commandLine(entry).contains("/java\0"))
                    .map(entry -> Long.parseLong(entry.getFileName().toString()))
                    .filter(HostProcesses::isAlive)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> describe(List<Long> pids) {
        return pids.stream()
                .map(pid -> pid + " "
                        + commandLine(Path.of("/proc", Long.toString(pid))).replace('\0', ' '))
                .toList();
    }

    static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** {@return whether a condition held within a limit; looked at every 5 ms} */
    static boolean within(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(5_000_000);
        }
        return true;
    }
}
