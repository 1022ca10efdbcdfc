/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The file of a console. It is read by {@link RandomAccessFile}, because an interrupt closes Java's channels. Not thread-safe but for
 * {@link #older}.
 */
final class ConsoleLog implements AutoCloseable {
    private static final int CHUNK_BYTES = 8192;

    private final Path file;
    private boolean complained;
    private @Nullable RandomAccessFile open;

    ConsoleLog(Path file) {
        this.file = file;
    }

    /** {@return whether the text got more; a file that is not there yet has nothing} */
    boolean readOn(ConsoleText text) {
        long before = text.bytes();
        try {
            if (open == null) {
                if (!Files.exists(file)) {
                    return false;
                }
                open = new RandomAccessFile(file.toFile(), "r");
            }
            long size = open.length();
            if (size > before) {
                open.seek(before);
                readUpTo(size, open, text);
            }
        } catch (IOException e) {
            complain(e);
        }
        return text.bytes() > before;
    }

    private static void readUpTo(long size, RandomAccessFile from, ConsoleText text) throws IOException {
        byte[] buffer = new byte[CHUNK_BYTES];
        int count = 0;
        while (text.bytes() < size && count >= 0) {
            count = from.read(buffer, 0, (int) Math.min(buffer.length, size - text.bytes()));
            if (count > 0) {
                text.take(ByteBuffer.wrap(buffer, 0, count));
            }
        }
    }

    /** {@return some bytes from a position on, up to another one at most; none if the file has gone, as it does with the VM} */
    ByteBuffer older(long position, long end) {
        // On its own: the other one may be in use, or closed by now.
        try (RandomAccessFile once = new RandomAccessFile(file.toFile(), "r")) {
            byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, end - position)];
            once.seek(position);
            once.readFully(chunk);
            return ByteBuffer.wrap(chunk);
        } catch (IOException e) {
            return ByteBuffer.allocate(0);
        }
    }

    @Override
    public void close() {
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            complain(e);
        }
    }

    /** Once, not a hundred times a second. */
    private void complain(IOException e) {
        if (!complained) {
            complained = true;
            System.getLogger(Console.class.getName())
                    .log(System.Logger.Level.WARNING, "the console " + file + " cannot be read", e);
        }
    }
}
