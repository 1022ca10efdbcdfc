/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
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
 * all writing is done by one daemon thread of the connection (started by the first write, ended after some idle seconds), and a user's
 * thread only waits for it. Reading is done in the calling thread, which must be one of the library's own that nobody interrupts.
 */
public final class UnixConnection implements AutoCloseable {
    private static final long IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 2;

    private final SocketChannel channel;
    private final OptionalLong peerPid;
    private final @Nullable DescriptorPassing passing;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ThreadPoolExecutor writer;
    private volatile @Nullable Thread writerThread;

    /** Makes a descriptor go with the bytes that are written next. */
    interface DescriptorPassing {
        void attach(FileDescriptor descriptor) throws IOException;
    }

    UnixConnection(
            SocketChannel channel, OptionalLong peerPid, @Nullable DescriptorPassing passing, String threadName) {
        this.channel = channel;
        this.peerPid = peerPid;
        this.passing = passing;
        // This queue hands over without a lock: it saves 4 us of each command's round trip against LinkedBlockingQueue.
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
     * Reads what is there, waiting for at least one byte.
     *
     * @param buffer where to; it must have room
     * @return how many bytes were read, or -1 at the end of the stream or after {@link #close()}
     * @throws IOException if the connection broke; a peer that leaves unread bytes behind breaks it (ECONNRESET), so this too is an end
     */
    public int read(ByteBuffer buffer) throws IOException {
        try {
            return channel.read(buffer);
        } catch (ClosedChannelException e) {
            return -1;
        } catch (IOException e) {
            if (closed.get()) {
                return -1;
            }
            throw e;
        }
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
     * Hands a buffer to the writing thread and returns at once. Buffers are written whole, in the order of the calls.
     *
     * @param buffer what to write; it must not be changed afterwards
     * @return completes when the kernel has taken the bytes, or with the {@link IOException} that prevented it; what is attached to it runs
     *     on the writing thread and must not block
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
        if (passing == null) {
            throw new UnsupportedOperationException("the JDK's sockets cannot pass descriptors; junixsocket can");
        }
        return enqueue(new WriteTask(buffer, descriptor));
    }

    private CompletionStage<Void> enqueue(WriteTask task) {
        try {
            writer.execute(task);
        } catch (RejectedExecutionException e) {
            task.done.completeExceptionally(new ClosedChannelException());
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
        channel.shutdownOutput();
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
        return passing != null;
    }

    /** Closes the connection and wakes a blocked read or write; waits for nothing. {@link #close()} is still to be called. */
    public void shutdown() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            channel.close();
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

        @Override
        public void run() {
            try {
                if (passing != null && descriptor != null) {
                    if (!descriptor.valid()) {
                        throw new IOException("it was closed before it was sent");
                    }
                    passing.attach(descriptor);
                }
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (Throwable e) {
                // An Error too, such as too little memory for a copy: whoever waits would wait for ever.
                done.completeExceptionally(e);
                return;
            }
            done.complete(null);
        }
    }
}
