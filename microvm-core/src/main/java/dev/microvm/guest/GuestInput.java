/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the standard input of a guest command. */
@FunctionalInterface
public interface GuestInput {
    /**
     * Writes everything and returns; the command then reads the end of its input. Called once for each run, on a thread of the library.
     * What is written waits for the command to read it; where the command has ended without reading everything, writing fails, and that
     * failure is nobody's error.
     *
     * @param out where to; flushing and closing it are not needed
     * @throws IOException if the source cannot be read (the command is then killed, and its run fails), or if the command has ended
     */
    void writeTo(OutputStream out) throws IOException;

    /**
     * {@return an input of these bytes, which are copied}
     *
     * @param bytes may be empty; later changes of the array do not show
     */
    static GuestInput bytes(byte[] bytes) {
        byte[] copy = bytes.clone();
        return out -> out.write(copy);
    }

    /**
     * {@return an input of this text in UTF-8}
     *
     * @param text no line end is added
     */
    static GuestInput text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * {@return an input of a file of the host, read anew at each run}
     *
     * @param file a file of the host; opened when the command runs, so only then found missing
     */
    static GuestInput file(Path file) {
        return out -> Files.copy(file, out);
    }

    /**
     * {@return an input of what a stream holds, closed when it is read}
     *
     * <p>It serves one run only: a stream cannot be read twice.
     *
     * @param stream read to its end on a thread of the library; closed also where the command does not read everything
     */
    static GuestInput stream(InputStream stream) {
        return out -> {
            try (stream) {
                stream.transferTo(out);
            }
        };
    }
}
