/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The memory this process may count on.
 *
 * @param totalMib all of it, in MiB: {@code MemTotal}, or the control group's limit where that is less
 * @param availableMib what can be had without swapping, in MiB: {@code MemAvailable}, at most the total
 */
public record HostMemory(long totalMib, long availableMib) {
    private static final long MIB = 1024 * 1024;

    /** {@return what the kernel says now; empty if it does not} */
    public static Optional<HostMemory> current() {
        return read(Path.of("/proc/meminfo"), Path.of("/sys/fs/cgroup/memory.max"));
    }

    static Optional<HostMemory> read(Path meminfo, Path groupLimit) {
        try {
            List<String> lines = Files.readAllLines(meminfo);
            Optional<Long> total = mib(lines, "MemTotal:");
            Optional<Long> available = mib(lines, "MemAvailable:");
            if (total.isEmpty() || available.isEmpty()) {
                return Optional.empty();
            }
            long limit = Math.min(total.get(), limitMib(groupLimit));
            return Optional.of(new HostMemory(limit, Math.min(available.get(), limit)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** {@code /proc/meminfo} counts in KiB (proc(5)). */
    private static Optional<Long> mib(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("\\D", ""))
                .filter(digits -> !digits.isEmpty())
                .map(digits -> Long.parseLong(digits) / 1024)
                .findFirst();
    }

    private static long limitMib(Path groupLimit) {
        try {
            String text = Files.readString(groupLimit).strip();
            return text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text) / MIB;
        } catch (IOException | NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }
}
