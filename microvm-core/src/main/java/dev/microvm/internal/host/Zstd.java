/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.internal.process.ProgramSearch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Unpacks {@code .zst} with the program {@code zstd}: distributions that compress modules so (Ubuntu, Arch) have it. */
public final class Zstd {
    /** The largest modules unpack in tenths of a second. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Optional<Path> program;
    private final ProgramRunner runner;

    Zstd(Map<String, String> environment, ProgramRunner runner) {
        this.program = ProgramSearch.find("zstd", environment);
        this.runner = runner;
    }

    /** {@return whether the program was found} */
    public boolean isAvailable() {
        return program.isPresent();
    }

    byte[] unpack(Path file) throws IOException, InterruptedException {
        ByteArrayOutputStream unpacked = new ByteArrayOutputStream();
        unpack(file, unpacked);
        return unpacked.toByteArray();
    }

    /** Goes by way of a file, since the program is given no standard input. */
    void unpack(byte[] packed, OutputStream to) throws IOException, InterruptedException {
        Path file = Files.createTempFile("microvm", ".zst");
        try {
            unpack(Files.write(file, packed), to);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void unpack(Path file, OutputStream to) throws IOException, InterruptedException {
        if (program.isEmpty()) {
            throw new IOException(
                    "cannot unpack " + file + ": the program zstd is not in PATH; install the package zstd");
        }
        ProgramRunner.Outcome outcome =
                runner.run(List.of(program.get().toString(), "-dcq", "--", file.toString()), LIMIT, to);
        if (!outcome.exitedWith(0)) {
            throw new IOException("cannot unpack " + file + " with " + program.get() + ": " + outcome.explained());
        }
    }
}
