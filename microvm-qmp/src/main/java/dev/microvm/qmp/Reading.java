/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes turns at reading a connection: the reader thread has it, but for a caller that waits for a reply and reads meanwhile itself, for
 * whoever else would read first had to be woken, and then to wake the caller. On a processor that sleeps, each takes longer than all the
 * rest of a command.
 *
 * <p>So that the reader thread does not lie in wait already when a caller comes with the next command, it rests for a moment after a reply
 * to one. It does not while anybody else waits for a reply; an event may have to wait for the end of its rest.
 */
final class Reading {
    /** Enough for nearly every reply in one read, and little enough to have a client per VM. */
    private static final int READ_BYTES = 16 << 10;

    /** So long a caller reads. A reply that takes longer is not later for the waking of two threads. */
    private static final long LEAD_MILLIS = 2;

    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(LEAD_MILLIS);

    /** So long an event may have to wait; callers whose next command comes later wake the reader thread, and it wakes them. */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final UnixConnection wire;
    private final long maxReplyBytes;
    private final Consumer<JsonValue> messages;
    private final PendingCalls pending;
    private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    private final ReentrantLock turn = new ReentrantLock();

    private @Nullable JsonStream stream;

    /** Why nothing is left to read. Guarded by the turn, like the stream and the buffer. */
    private @Nullable QmpException end;

    /** A caller would have liked to read. */
    private volatile boolean wanted;

    private volatile long restUntil = System.nanoTime();
    private volatile @Nullable Thread resting;

    Reading(UnixConnection wire, long maxReplyBytes, Consumer<JsonValue> messages, PendingCalls pending) {
        this.wire = wire;
        this.maxReplyBytes = maxReplyBytes;
        this.messages = messages;
        this.pending = pending;
    }

    /** Reads until the end, on the reader thread, and tells why there is no more. */
    QmpException readUntilEnd() {
        while (true) {
            rest();
            turn.lock();
            try {
                if (end == null) {
                    take(0);
                }
                if (end != null) {
                    return end;
                }
            } finally {
                turn.unlock();
            }
            if (wanted && pending.size() == 0) {
                wanted = false;
                letRest();
            }
        }
    }

    /**
     * Reads on a caller's thread until it has its reply, at most for a moment, unless another thread does. A limit that is shorter than
     * that moment, and an interrupt, are the caller's own affair: it has not waited longer for them.
     */
    void lead(CompletableFuture<?> reply, long limitNanos) {
        if (limitNanos <= LEAD_NANOS || !wire.readsInAnyThread() || !turn.tryLock()) {
            wanted = wire.readsInAnyThread();
            replyIsAwaited();
            return;
        }
        try {
            long until = System.nanoTime() + LEAD_NANOS;
            restUntil = until + REST_NANOS;
            while (!reply.isDone()
                    && end == null
                    && until - System.nanoTime() > 0
                    && !Thread.currentThread().isInterrupted()) {
                take(LEAD_MILLIS);
            }
        } finally {
            boolean ended = end != null;
            turn.unlock();
            letRest();
            if (ended) {
                // The reader thread tells everybody.
                replyIsAwaited();
            }
        }
    }

    /** Takes what the next read brings, be it the end. */
    private void take(long millis) {
        try {
            JsonStream known = stream;
            if (known == null) {
                known = new JsonStream(maxReplyBytes);
                stream = known;
            }
            int length = wire.read(buffer.clear(), millis);
            if (length > 0) {
                known.feed(buffer.array(), length, messages);
            } else if (length < 0) {
                end = new QmpClosedException("QEMU closed the connection", null);
            }
        } catch (IOException e) {
            end = new QmpClosedException("QEMU broke the connection: " + e.getMessage(), e);
        } catch (QmpException e) {
            end = e;
        } catch (RuntimeException | Error e) {
            end = new QmpProtocolException("the reader failed: " + e, e);
        }
    }

    private void letRest() {
        restUntil = System.nanoTime() + REST_NANOS;
        // Whoever sends something tells afterwards, and looks for the time above then: one of both sees the other.
        if (pending.size() > 0) {
            replyIsAwaited();
        }
    }

    private void rest() {
        resting = Thread.currentThread();
        for (long left = restUntil - System.nanoTime(); left > 0; left = restUntil - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        resting = null;
    }

    /** Ends the rest of the reader thread: somebody waits for what only it will read. */
    void replyIsAwaited() {
        restUntil = System.nanoTime();
        Thread thread = resting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
