/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A held lock on a file; closing lets it go. The file stays: removing it would let two holders lock two files of one name. The kernel
 * lets the lock of a dead process go.
 */
public final class CacheLock implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final FileChannel channel;

    private CacheLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Polls, because a blocking {@code FileChannel.lock} knows no limit and throws at once where this JVM holds the lock. */
    static CacheLock take(Path file, Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            while (!tryLock(channel)) {
                if (System.nanoTime() - start >= limit.toNanos()) {
                    throw new IOException("lock " + file + " not free after " + limit.toMillis()
                            + " ms; another process or thread holds it");
                }
                LockSupport.parkNanos(PAUSE_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while waiting for the lock " + file);
                }
            }
            taken = true;
            return new CacheLock(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!taken && channel != null) {
                close(channel);
            }
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldByThisJvm) {
            return false;
        }
    }

    /**
     * Lets the lock go.
     *
     * @throws UncheckedIOException if the file cannot be closed
     */
    @Override
    public void close() {
        close(channel);
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
