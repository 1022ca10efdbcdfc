/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.MicroVm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a VM uses on the host while it runs, so that it can be looked for afterwards. */
record Leftovers(Path stateFolder, List<Long> processes) {
    static Leftovers of(MicroVm vm) throws IOException {
        return new Leftovers(vm.stateFolder(), processesNaming(vm.stateFolder()));
    }

    void check(Report report) throws IOException {
        report.fact("the VM had processes to leave behind (" + processes.size() + ")", !processes.isEmpty());
        report.fact(
                "no process is left",
                processes.stream().filter(Leftovers::isAlive).toList(),
                List.of());
        report.fact("no process names the state folder", processesNaming(stateFolder), List.of());
        report.fact("no socket and no state folder is left", !Files.exists(stateFolder));
    }

    /** The lifeline, virtiofsd and QEMU all have the state folder in their command line. */
    private static List<Long> processesNaming(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.filter(entry -> entry.getFileName().toString().matches("\\d+"))
                    .filter(entry -> commandLine(entry).contains(folder.toString()))
                    .map(entry -> Long.parseLong(entry.getFileName().toString()))
                    .filter(Leftovers::isAlive)
                    .toList();
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it has ended meanwhile
        }
    }

    /** A zombie has ended, even where nobody reaps it. */
    private static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }
}
