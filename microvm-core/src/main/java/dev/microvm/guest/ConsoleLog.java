/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The file of a console. Where it has a limit it is emptied now and then, and what was in it becomes the file {@code NAME.1}; whoever
 * writes it must have opened it for appending. See docs/adr/0007.
 *
 * <p>Positions are those in the whole console, whatever of it is still there. The files are read by {@link RandomAccessFile}, because an
 * interrupt closes Java's channels. Not thread-safe.
 */
final class ConsoleLog implements AutoCloseable {
    private static final int CHUNK_BYTES = 8192;

    /** What is printed between the last read and the truncation is lost, so that is done where the guest has paused for this long. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Path file;
    private final Path earlier;
    private final long maxBytes;
    private @Nullable RandomAccessFile open;
    private boolean writable;
    private boolean complained;
    private long grownAt = System.nanoTime();
    /** Where the file begins, and where the earlier one does: at the same place where there is none. */
    private long start;

    private long earlierStart;

    /**
     * Creates one.
     *
     * @param maxBytes how large the file may become; 0: it is only read
     */
    ConsoleLog(Path file, long maxBytes) {
        this.file = file;
        this.earlier = sibling(".1");
        this.maxBytes = maxBytes;
    }

    private Path sibling(String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }

    /** {@return whether the text got more; a file that is not there yet has nothing} */
    boolean readOn(ConsoleText text) {
        long before = text.bytes();
        try {
            RandomAccessFile from = opened();
            if (from != null) {
                long size = from.length();
                if (size < text.bytes() - start) { // somebody else has emptied it
                    start = text.bytes();
                    earlierStart = start;
                }
                drain(from, text, null, size);
                if (text.bytes() > before) {
                    grownAt = System.nanoTime();
                }
                if (isFull(text.bytes() - start)) {
                    startAnew(from, text);
                }
            }
        } catch (IOException e) {
            complain("cannot be read", e);
        }
        return text.bytes() > before;
    }

    private @Nullable RandomAccessFile opened() throws IOException {
        if (open == null && Files.exists(file)) {
            writable = maxBytes > 0 && Files.isWritable(file);
            if (maxBytes > 0 && !writable) {
                complain("grows without limit", new IOException("not writable"));
            }
            open = new RandomAccessFile(file.toFile(), writable ? "rw" : "r");
        }
        return open;
    }

    /** Reads what comes after the text's end, up to a size of the file or, where that is past its end, as far as there is more. */
    private void drain(RandomAccessFile from, ConsoleText text, @Nullable RandomAccessFile copy, long size)
            throws IOException {
        byte[] buffer = new byte[CHUNK_BYTES];
        from.seek(text.bytes() - start);
        int count = 0;
        while (text.bytes() - start < size && count >= 0) {
            count = from.read(buffer, 0, (int) Math.min(buffer.length, size - (text.bytes() - start)));
            if (count > 0) {
                text.take(ByteBuffer.wrap(buffer, 0, count));
                if (copy != null) {
                    copy.write(buffer, 0, count);
                }
            }
        }
    }

    /** From half the limit on a pause of the guest is waited for. */
    private boolean isFull(long size) {
        boolean quiet = System.nanoTime() - grownAt > QUIET_NANOS;
        return writable && size >= (quiet ? maxBytes / 2 : maxBytes);
    }

    private void startAnew(RandomAccessFile from, ConsoleText text) throws IOException {
        long first = Math.max(start, text.bytes() - maxBytes);
        try (RandomAccessFile copy = copyFrom(first, from, text.bytes())) {
            drain(from, text, copy, mostly(text));
            from.setLength(0); // next to the read that found nothing more: what comes between the two is lost
        } catch (IOException e) {
            complain("is emptied without a copy", e); // a full disk is no reason to fill it further
            drain(from, text, null, mostly(text));
            from.setLength(0);
            first = text.bytes();
        }
        start = text.bytes();
        earlierStart = first;
    }

    /** {@return a size of the file that nothing reaches but a writer who is as fast as this reader, who must not hold it up for ever} */
    private long mostly(ConsoleText text) {
        return text.bytes() - start + maxBytes;
    }

    /** {@return the earlier file, holding what is between two positions, open for more} */
    private RandomAccessFile copyFrom(long first, RandomAccessFile from, long end) throws IOException {
        Path part = sibling(".1.part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        RandomAccessFile copy = new RandomAccessFile(part.toFile(), "rw");
        boolean done = false;
        try {
            from.seek(first - start);
            byte[] buffer = new byte[CHUNK_BYTES];
            for (long left = end - first; left > 0; left -= Math.min(left, buffer.length)) {
                int count = (int) Math.min(left, buffer.length);
                from.readFully(buffer, 0, count);
                copy.write(buffer, 0, count);
            }
            Files.move(part, earlier, StandardCopyOption.ATOMIC_MOVE);
            done = true;
            return copy;
        } finally {
            if (!done) {
                copy.close();
                Files.deleteIfExists(part);
            }
        }
    }

    /** {@return the first position that is still in a file, as far as this class knows} */
    long oldest() {
        return earlierStart;
    }

    /** {@return some bytes from a position on, up to another one at most; none if they have gone, as the files do with the VM} */
    ByteBuffer older(long position, long end) {
        boolean current = position >= start;
        long offset = position - (current ? start : earlierStart);
        long length = Math.min(CHUNK_BYTES, (current ? end : Math.min(end, start)) - position);
        if (offset < 0) {
            return ByteBuffer.allocate(0);
        }
        // On its own, for the other one is closed after the end.
        try (RandomAccessFile once = new RandomAccessFile((current ? file : earlier).toFile(), "r")) {
            byte[] chunk = new byte[(int) length];
            once.seek(offset);
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
            complain("cannot be closed", e);
        }
    }

    /** Once, not a hundred times a second. */
    private void complain(String what, IOException e) {
        if (!complained) {
            complained = true;
            System.getLogger(Console.class.getName())
                    .log(System.Logger.Level.WARNING, "the console " + file + " " + what, e);
        }
    }
}
