/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.QmpClosedException;
import dev.microvm.qmp.QmpException;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an agent: its lines as they arrive, and its end.
 *
 * <p>A guest is not trusted: at most one line is kept until somebody takes it, and the guest has to wait meanwhile.
 */
final class AgentStream implements AutoCloseable {
    /** Stands for a byte 0xFF, which no text of UTF-8 has, among the lines. */
    static final String DELIMITER = "\u00ff";

    private static final int DELIMITER_BYTE = 0xFF;
    private static final int READ_BYTES = 16 << 10;

    private final UnixConnection wire;
    private final long maxLineBytes;
    private final Thread reader;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable String line;
    private @Nullable QmpException end;

    AgentStream(UnixConnection wire, long maxLineBytes, String threadName) {
        this.wire = wire;
        this.maxLineBytes = maxLineBytes;
        this.reader = new Thread(this::readUntilEnd, threadName + "-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private void readUntilEnd() {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
            while (wire.read(buffer) >= 0) {
                for (int i = 0; i < buffer.position(); i++) {
                    take(bytes, buffer.get(i) & 0xFF);
                }
                buffer.clear();
            }
            end(new QmpClosedException("the guest agent's connection was closed", null));
        } catch (IOException e) {
            end(new QmpClosedException("the guest agent's connection broke: " + e.getMessage(), e));
        } catch (InterruptedException e) {
            // Closed while a line waited to be taken.
        } catch (RuntimeException | Error e) {
            end(new QmpProtocolException("the guest agent's messages cannot be read: " + e.getMessage(), e));
        }
    }

    private void take(ByteArrayOutputStream bytes, int b) throws InterruptedException {
        if (b == DELIMITER_BYTE) {
            bytes.reset();
            put(DELIMITER);
        } else if (b == '\n') {
            put(bytes.toString(StandardCharsets.UTF_8));
            bytes.reset();
        } else if (bytes.size() >= maxLineBytes) {
            throw new QmpProtocolException(
                    "a message has more than " + maxLineBytes + " bytes, the limit set by QmpOptions.maxReplyBytes",
                    null);
        } else {
            bytes.write(b);
        }
    }

    private void put(String next) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (line != null && end == null) {
                changed.await();
            }
            line = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(QmpException reason) {
        lock.lock();
        try {
            if (end == null) {
                end = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next line, or {@link #DELIMITER}; null if none comes before the deadline.
     *
     * @throws QmpException if the connection has ended; what came before was taken then
     */
    @Nullable
    String take(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (line == null && end == null) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                // The loop asks again, whatever the reason for waking up was.
                changed.awaitNanos(left);
            }
            String taken = line;
            if (taken == null && end != null) {
                throw end;
            }
            line = null;
            changed.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    void send(byte[] bytes) {
        // A write that fails is no end: the reader finds that.
        wire.enqueue(ByteBuffer.wrap(bytes));
    }

    boolean hasEnded() {
        lock.lock();
        try {
            return end != null;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection and waits for its threads. */
    @Override
    public void close() {
        end(new QmpClosedException("the guest agent was closed", null));
        wire.close();
        // It may wait for a line to be taken; it is not inside the channel any more.
        reader.interrupt();
        boolean interrupted = Thread.interrupted();
        try {
            reader.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
