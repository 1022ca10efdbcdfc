/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.Preflight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Describes the machine a figure was measured on, as far as it matters for comparing and no further: it is published. */
final class MachineText {
    private MachineText() {}

    /**
     * {@return lines for people}
     *
     * @param preflight what the library chose on this machine
     * @throws IOException if {@code /proc} cannot be read
     */
    static List<String> lines(Preflight preflight) throws IOException {
        List<String> lines = hardware();
        preflight.choices().stream()
                // Paths are this machine's own affair.
                .map(choice -> choice.replaceAll(" at /\\S+", ""))
                .forEach(lines::add);
        return lines;
    }

    /** {@return lines about processors, memory, kernel and Java; the list may be added to} */
    static List<String> hardware() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(Runtime.getRuntime().availableProcessors() + " processors (" + field("/proc/cpuinfo", "model name")
                + "), " + Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024
                + " MiB of memory");
        lines.add("Linux "
                + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip() + ", Java " + Runtime.version());
        return lines;
    }

    /** {@return the load averages over 1, 5 and 15 minutes} */
    static String load() throws IOException {
        return String.join(
                " ",
                List.of(Files.readString(Path.of("/proc/loadavg")).split(" ")).subList(0, 3));
    }

    private static String field(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
