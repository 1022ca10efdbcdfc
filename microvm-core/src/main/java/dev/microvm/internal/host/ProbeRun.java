/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A tiny QEMU run with nothing but a ROM of ours: a folder for its files, and its command line. */
final class ProbeRun implements AutoCloseable {
    private final Path folder;

    private ProbeRun(Path folder) {
        this.folder = folder;
    }

    /** Makes a folder that only this user may enter, with the ROM in it. */
    static ProbeRun with(byte[] rom) throws IOException {
        ProbeRun run = new ProbeRun(Files.createTempDirectory("microvm-probe"));
        boolean written = false;
        try {
            Files.write(run.rom(), rom);
            written = true;
            return run;
        } finally {
            if (!written) {
                run.close();
            }
        }
    }

    private Path rom() {
        return folder.resolve("rom.bin");
    }

    /**
     * The command: {@code -nodefaults -no-user-config} so that nothing of the user's configuration takes part; 16 MiB, of which the ROMs use
     * 32 KiB.
     */
    List<String> command(
            QemuBinary qemu,
            Architecture architecture,
            MachineType machine,
            String accelerator,
            String cpu,
            List<String> more) {
        List<String> command = new ArrayList<>(List.of(
                qemu.path().toString(),
                "-machine",
                machine.qemuName() + ",accel=" + accelerator,
                "-cpu",
                cpu,
                "-smp",
                "1",
                "-m",
                "16",
                "-nodefaults",
                "-no-user-config",
                "-no-reboot",
                "-display",
                "none",
                "-bios",
                rom().toString()));
        if (architecture == Architecture.X86_64) {
            command.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"));
        }
        command.addAll(more);
        return command;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
