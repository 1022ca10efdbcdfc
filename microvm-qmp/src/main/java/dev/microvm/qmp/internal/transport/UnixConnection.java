/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connected unix socket.
 *
 * <p>The channels of Java close themselves when the thread inside them is interrupted, and the connection is then dead for everybody. So
 * a user's thread writes only what the kernel takes at once, in a way that no interrupt disturbs (see {@link Port}). The rest, and what
 * comes after it, is written by a daemon thread of the connection (started when it is first needed, ended after some idle seconds), for
 * which a user's thread may wait. Reading is done in the calling thread.
 */
public final class UnixConnection implements AutoCloseable {
    private static final long IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 2;

    /** What is longer is copied by the writing thread, whose buffer is not kept for as long as a user's thread lives. */
    private static final int MOST_AT_ONCE = 16 << 10;

    private final Port port;
    private final OptionalLong peerPid;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ThreadPoolExecutor writer;
    private volatile @Nullable Thread writerThread;

    /** Held while something is written at once or handed over, so that bytes keep their order, and nobody closes meanwhile. */
    private final Object order = new Object();

    /** How many writes the writing thread has yet to finish. */
    private int handedOver;

    UnixConnection(Port port, OptionalLong peerPid, String threadName) {
        this.port = port;
        this.peerPid = peerPid;
        // This queue hands over without a lock: it saves 4 us of a round trip against LinkedBlockingQueue.
        this.writer =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedTransferQueue<>(), task -> {
                    Thread thread = new Thread(task, threadName + "-writer");
                    thread.setDaemon(true);
                    writerThread = thread;
                    return thread;
                });
        writer.allowCoreThreadTimeOut(true);
    }

    /**
     * Reads what is there, waiting for at least one byte. One thread at a time may read; nobody may interrupt it, but that does no harm
     * where {@link #readsInAnyThread()}.
     *
     * @param buffer where to; it must have room
     * @return how many bytes were read, or -1 at the end of the stream or after {@link #close()}
     * @throws IOException if the connection broke; a peer that leaves unread bytes behind breaks it (ECONNRESET), so this too is an end
     */
    public int read(ByteBuffer buffer) throws IOException {
        int length = read(buffer, 0);
        while (length == 0) {
            length = read(buffer, 0);
        }
        return length;
    }

    /**
     * Reads what is there, waiting at most some time; an interrupt ends the wait, and the flag is kept.
     *
     * @param buffer where to; it must have room
     * @param millis how long to wait; 0 waits without limit, and must be where not {@link #readsInAnyThread()}
     * @return how many bytes were read, perhaps 0, or -1 at the end of the stream or after {@link #close()}
     * @throws IOException as {@link #read(ByteBuffer)}
     */
    public int read(ByteBuffer buffer, long millis) throws IOException {
        try {
            return port.read(buffer, millis);
        } catch (ClosedChannelException | ClosedSelectorException e) {
            return -1;
        } catch (IOException e) {
            if (closed.get()) {
                return -1;
            }
            throw e;
        }
    }

    /**
     * Tells whether any thread may read, one at a time, and be interrupted meanwhile.
     *
     * @return false with junixsocket: one thread reads that nobody interrupts
     */
    public boolean readsInAnyThread() {
        return port.readsInAnyThread();
    }

    /**
     * Writes the whole buffer and returns when the kernel has taken it. Any thread may call this. An interrupt neither ends the wait nor
     * harms the connection, and the flag is kept; {@link #close()} by another thread ends it.
     *
     * @param buffer what to write
     * @throws IOException if the connection is broken or closed
     */
    public void write(ByteBuffer buffer) throws IOException {
        try {
            // join() waits through interrupts and restores the flag.
            enqueue(buffer).toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ClosedChannelException closing) {
                throw closing;
            }
            throw new IOException("cannot write: " + e.getCause(), e);
        }
    }

    /**
     * Writes as much of a buffer as the kernel takes at once, hands the rest to the writing thread, and returns. Buffers are written whole,
     * in the order of the calls.
     *
     * @param buffer what to write; it must not be changed afterwards
     * @return completes when the kernel has taken the bytes, or with the {@link IOException} that prevented it; what is attached to it runs
     *     in the calling thread or on the writing thread, and must not block
     */
    public CompletionStage<Void> enqueue(ByteBuffer buffer) {
        return enqueue(new WriteTask(buffer, null));
    }

    /**
     * Hands a buffer to the writing thread, to be written whole with a descriptor that goes with its first byte (SCM_RIGHTS).
     *
     * @param buffer what to write, at least one byte; it must not be changed afterwards
     * @param descriptor what to pass; the peer gets a descriptor of its own, and this one must stay open until the bytes are written
     * @return as {@link #enqueue(ByteBuffer)}; if the descriptor is closed by then, nothing is written
     * @throws UnsupportedOperationException if this transport cannot pass descriptors
     */
    public CompletionStage<Void> enqueue(ByteBuffer buffer, FileDescriptor descriptor) {
        if (!port.passesDescriptors()) {
            throw new UnsupportedOperationException("the JDK's sockets cannot pass descriptors; junixsocket can");
        }
        return enqueue(new WriteTask(buffer, descriptor));
    }

    private CompletionStage<Void> enqueue(WriteTask task) {
        synchronized (order) {
            if (!task.isDoneAtOnce()) {
                try {
                    writer.execute(task);
                    handedOver++;
                } catch (RejectedExecutionException e) {
                    task.done.completeExceptionally(new ClosedChannelException());
                }
            }
        }
        return task.done;
    }

    /**
     * Tells the peer that nothing more will be written; it reads the end of the stream. Bytes enqueued before are written first.
     *
     * @throws IOException if the connection is broken or closed
     */
    public void shutdownOutput() throws IOException {
        write(ByteBuffer.allocate(0));
        port.shutdownOutput();
    }

    /**
     * Returns the process at the other end.
     *
     * @return its id as the kernel knew it when the connection was made; empty with the JDK's transport
     */
    public OptionalLong peerPid() {
        return peerPid;
    }

    /**
     * Tells whether descriptors can go with what is written.
     *
     * @return false with the JDK's transport
     */
    public boolean canPassDescriptors() {
        return port.passesDescriptors();
    }

    /** Closes the connection and wakes a blocked read or write; waits for nothing. {@link #close()} is still to be called. */
    public void shutdown() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            synchronized (order) {
                port.close();
            }
        } catch (IOException e) {
            System.getLogger(UnixConnection.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a connection was not clean", e);
        }
        for (Runnable neverRun : writer.shutdownNow()) {
            ((WriteTask) neverRun).done.completeExceptionally(new ClosedChannelException());
        }
    }

    /** Closes the connection, wakes a blocked read or write, and waits for the writing thread to end, at most some seconds. */
    @Override
    public void close() {
        shutdown();
        boolean interrupted = Thread.interrupted();
        try {
            Thread thread = writerThread;
            if (writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS) && thread != null) {
                // The executor counts as terminated a moment before its thread is gone.
                thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            } else if (!writer.isTerminated()) {
                System.getLogger(UnixConnection.class.getName())
                        .log(System.Logger.Level.WARNING, "the writing thread of a closed connection does not end");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class WriteTask implements Runnable {
        private final ByteBuffer buffer;
        private final @Nullable FileDescriptor descriptor;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        WriteTask(ByteBuffer buffer, @Nullable FileDescriptor descriptor) {
            this.buffer = buffer;
            this.descriptor = descriptor;
        }

        /** Whether the kernel took all of it, or will never take any. To be called in {@link #order}. */
        boolean isDoneAtOnce() {
            if (handedOver > 0 || descriptor != null || buffer.remaining() > MOST_AT_ONCE) {
                return false;
            }
            try {
                port.writeNow(buffer);
                return !buffer.hasRemaining() && done.complete(null);
            } catch (Throwable e) {
                return done.completeExceptionally(e);
            }
        }

        @Override
        public void run() {
            Throwable failure = null;
            try {
                port.write(buffer, descriptor);
            } catch (Throwable e) {
                // An Error too, such as too little memory for a copy: whoever waits would wait for ever.
                failure = e;
            }
            synchronized (order) {
                handedOver--;
            }
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        }
    }
}
