/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spi.ServiceFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The file beside its socket into which virtiofsd writes its process id. It removes neither at its end. */
final class PidFile {
    private PidFile() {}

    static Path of(Path socket) {
        return socket.resolveSibling(socket.getFileName() + ".pid");
    }

    /**
     * {@return the process id in such a file} Only its first line counts: virtiofsd does not truncate the file it finds, and the rest of a
     * longer number stays behind the line end (1.13.2).
     */
    static Optional<Long> read(Path file) {
        try {
            String first = Files.readString(file, StandardCharsets.ISO_8859_1)
                    .lines()
                    .findFirst()
                    .orElse("")
                    .strip();
            return first.matches("\\d{1,9}") ? Optional.of(Long.valueOf(first)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Removes what an earlier daemon left at a socket's path.
     *
     * @throws ServiceFailedException if that daemon still runs, or something cannot be removed
     */
    static void clear(Path socket) {
        Path file = of(socket);
        Optional<Long> owner = read(file).filter(pid -> serves(pid, socket));
        if (owner.isPresent()) {
            throw new ServiceFailedException(
                    "process " + owner.get() + " is a virtiofsd that serves " + socket + " already",
                    List.of(),
                    "use another folder, or end that process");
        }
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(file);
        } catch (IOException e) {
            ServiceFailedException failure = new ServiceFailedException(
                    "cannot remove what an earlier virtiofsd left at " + socket + ": " + e, List.of(), "remove it");
            failure.initCause(e);
            throw failure;
        }
    }

    /** The number may be another process's by now; the daemon names its socket. */
    private static boolean serves(long pid, Path socket) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .contains("--socket-path=" + socket + "\0");
        } catch (IOException e) {
            return false;
        }
    }
}
