/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

    /** What is read at once, in some 30 ms. */
    private static final long SLICE_BYTES = 1 << 20;

    /**
     * A reader that is further behind goes on near the end: a guest prints for minutes until then, but whoever has broken out into QEMU
     * may give the file any size at once, a terabyte in a hole too.
     */
    private static final long MAX_BEHIND_BYTES = 64 << 20;

    /** So many readings meet everything, however fast the file grows. */
    static final int MOST_SLICES = (int) (MAX_BEHIND_BYTES / SLICE_BYTES) + 1;

    /** Where it goes on; less than what memory keeps, so that the note about it is among that. */
    private static final long LEFT_BYTES = ConsoleText.KEPT_BYTES / 2;

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
    /** Up to where the text was passed over, if it was. */
    private long passedOver;

    private boolean behind;

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

    /** {@return whether the text got more; a file that is not there yet has nothing} It is a slice at most, see {@link #isBehind}. */
    boolean readOn(ConsoleText text) {
        long before = text.bytes();
        behind = false;
        try {
            RandomAccessFile from = opened();
            if (from != null) {
                long size = from.length();
                if (size < text.bytes() - start) { // somebody else has emptied it
                    start = text.bytes();
                    earlierStart = start;
                }
                passOverWhatIsTooMuch(text, size);
                long end = Math.min(size, text.bytes() - start + SLICE_BYTES);
                drain(from, text, null, end);
                behind = end < size;
                if (text.bytes() > before) {
                    grownAt = System.nanoTime();
                }
                if (!behind && isFull(text.bytes() - start)) {
                    startAnew(from, text);
                }
            }
        } catch (IOException e) {
            complain("cannot be read", e);
        }
        return text.bytes() > before;
    }

    /** {@return whether there was more than the last slice} */
    boolean isBehind() {
        return behind;
    }

    private void passOverWhatIsTooMuch(ConsoleText text, long size) {
        long unread = size - (text.bytes() - start);
        if (unread > MAX_BEHIND_BYTES) {
            long count = unread - LEFT_BYTES;
            String note = "\n[microvm: " + count + " bytes of the console came at once and were passed over]\n";
            text.passOver(count, note.getBytes(StandardCharsets.UTF_8));
            passedOver = text.bytes();
        }
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
        long first = Math.max(Math.max(start, passedOver), text.bytes() - maxBytes);
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
        return text.bytes() - start + Math.min(maxBytes, MAX_BEHIND_BYTES);
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
        return Math.max(earlierStart, passedOver);
    }

    /** {@return some bytes from a position on, up to another one at most; none if they have gone, as the files do with the VM} */
    ByteBuffer older(long position, long end) {
        boolean current = position >= start;
        long offset = position - (current ? start : earlierStart);
        long length = Math.min(CHUNK_BYTES, (current ? end : Math.min(end, start)) - position);
        if (offset < 0 || position < passedOver) {
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
