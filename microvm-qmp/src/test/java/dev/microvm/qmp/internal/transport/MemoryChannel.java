/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection without a kernel: what is read comes from a list, each part of it after so many writes. */
public final class MemoryChannel implements Port {
    private final List<Part> parts;
    private final End end;
    private final Runnable beforeEachRead;
    private final Object lock = new Object();
    private int part;
    private int position;
    private int writes;
    private boolean closed;

    /** Bytes of one read (or more, if the reader has less room), and how many writes must have been seen before. */
    public record Part(byte[] bytes, int afterWrites) {}

    /** What comes after all parts. */
    public enum End {
        EOF,
        RESET,
        SILENCE
    }

    private MemoryChannel(List<Part> parts, End end, Runnable beforeEachRead) {
        this.beforeEachRead = beforeEachRead;
        this.parts = parts;
        this.end = end;
    }

    /** Connects to a server that says this. */
    public static UnixConnection connect(List<Part> parts, End end, String threadName) {
        return connect(parts, end, threadName, () -> {});
    }

    /** Connects to a server that says this, and runs something in each thread that reads. */
    public static UnixConnection connect(List<Part> parts, End end, String threadName, Runnable beforeEachRead) {
        return new UnixConnection(new MemoryChannel(parts, end, beforeEachRead), OptionalLong.empty(), threadName);
    }

    @Override
    public int read(ByteBuffer target, long millis) throws IOException {
        beforeEachRead.run();
        synchronized (lock) {
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (!closed && isSilent()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
                if (millis > 0 && left <= 0) {
                    return 0;
                }
                try {
                    lock.wait(millis > 0 ? left : 0);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return 0;
                }
            }
            if (closed) {
                throw new AsynchronousCloseException();
            }
            if (part == parts.size()) {
                if (end == End.RESET) {
                    throw new IOException("Connection reset");
                }
                return -1;
            }
            byte[] bytes = parts.get(part).bytes();
            int length = Math.min(target.remaining(), bytes.length - position);
            target.put(bytes, position, length);
            position += length;
            if (position == bytes.length) {
                part++;
                position = 0;
            }
            return length;
        }
    }

    private boolean isSilent() {
        return part < parts.size() ? writes < parts.get(part).afterWrites() : end == End.SILENCE;
    }

    @Override
    public boolean readsInAnyThread() {
        return true;
    }

    @Override
    public void writeNow(ByteBuffer source) throws IOException {
        synchronized (lock) {
            if (closed) {
                throw new AsynchronousCloseException();
            }
            source.position(source.limit());
            writes++;
            lock.notifyAll();
        }
    }

    @Override
    public void write(ByteBuffer source, @Nullable FileDescriptor descriptor) throws IOException {
        writeNow(source);
    }

    @Override
    public boolean passesDescriptors() {
        return false;
    }

    @Override
    public void shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
    }
}
