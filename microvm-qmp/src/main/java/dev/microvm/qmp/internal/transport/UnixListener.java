/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A listening unix socket. Its file is removed when it is closed. */
public final class UnixListener implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final ServerSocketChannel server;
    private final Selector selector;
    private final Path socket;
    private final Function<SocketChannel, UnixConnection> wrapper;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean accepting;
    private final AtomicBoolean closed = new AtomicBoolean();

    private UnixListener(
            ServerSocketChannel server,
            Selector selector,
            Path socket,
            Function<SocketChannel, UnixConnection> wrapper) {
        this.server = server;
        this.selector = selector;
        this.socket = socket;
        this.wrapper = wrapper;
    }

    static UnixListener bind(
            ServerSocketChannel server,
            Path socket,
            SocketAddress address,
            Function<SocketChannel, UnixConnection> wrapper)
            throws IOException {
        boolean bound = false;
        boolean success = false;
        try {
            // junixsocket would take the place of a stale file, the JDK would not: neither does here.
            if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(socket.toString(), null, "cannot listen there");
            }
            server.bind(address);
            bound = true;
            // junixsocket leaves 0666, the JDK what the umask leaves, and whoever may write may connect.
            Files.setPosixFilePermissions(socket, OWNER_ONLY);
            server.configureBlocking(false);
            dropThoseWhoCameBefore(server);
            // A selector wakes up for an interrupt without closing the channel, and can be woken by us.
            Selector selector = server.provider().openSelector();
            try {
                server.register(selector, SelectionKey.OP_ACCEPT);
                success = true;
            } finally {
                if (!success) {
                    selector.close();
                }
            }
            return new UnixListener(server, selector, socket, wrapper);
        } finally {
            if (!success) {
                server.close();
                if (bound) {
                    Files.deleteIfExists(socket);
                }
            }
        }
    }

    /** Between bind(2) and chmod(2) anybody could connect, and would be taken for the peer that is expected. */
    private static void dropThoseWhoCameBefore(ServerSocketChannel server) throws IOException {
        for (SocketChannel early = acceptUndisturbed(server); early != null; early = acceptUndisturbed(server)) {
            early.close();
        }
    }

    /**
     * Returns where it listens.
     *
     * @return the path of the socket file
     */
    public Path socket() {
        return socket;
    }

    /**
     * Waits for the next peer.
     *
     * @param limit how long at most
     * @return the connection
     * @throws SocketTimeoutException if nobody connected within the limit
     * @throws ClosedChannelException if this listener is or gets closed
     * @throws IOException if the system call fails
     * @throws InterruptedException if the calling thread was interrupted; the listener stays usable
     */
    public UnixConnection accept(Duration limit) throws IOException, InterruptedException {
        return accept(limit, new CompletableFuture<>());
    }

    /**
     * Waits for the next peer, or for the end of what should have connected.
     *
     * @param limit how long at most
     * @param abort ends the wait at once when it completes, be it normally or not
     * @return the connection
     * @throws AcceptAbortedException if {@code abort} completed first; the listener stays usable
     * @throws SocketTimeoutException if nobody connected within the limit
     * @throws ClosedChannelException if this listener is or gets closed
     * @throws IOException if the system call fails
     * @throws InterruptedException if the calling thread was interrupted; the listener stays usable
     */
    public UnixConnection accept(Duration limit, CompletionStage<?> abort) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Limit.nanos(limit);
        // The stage may outlive this listener by far: it must not hold on to it once the wait is over.
        AtomicReference<UnixListener> toWake = new AtomicReference<>(this);
        AtomicBoolean aborted = new AtomicBoolean();
        try {
            abort.whenComplete((value, failure) -> {
                aborted.set(true);
                UnixListener waiting = toWake.get();
                if (waiting != null) {
                    waiting.wake();
                }
            });
            awaitTurn(limit, deadline, aborted);
            try {
                return acceptNext(limit, deadline, aborted);
            } finally {
                leaveTurn();
            }
        } catch (ClosedSelectorException e) {
            throw (IOException) new AsynchronousCloseException().initCause(e);
        } finally {
            toWake.set(null);
        }
    }

    /** Wakes every accept, to look whether it was aborted. */
    private void wake() {
        selector.wakeup();
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Only one at a time may use the selector; the others wait here, where a lock would not let them hear of an abort. */
    private void awaitTurn(Duration limit, long deadline, AtomicBoolean aborted)
            throws IOException, InterruptedException {
        lock.lock();
        try {
            while (accepting) {
                if (aborted.get()) {
                    throw aborted();
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw timeout(limit);
                }
                changed.awaitNanos(left);
            }
            accepting = true;
        } finally {
            lock.unlock();
        }
    }

    private void leaveTurn() {
        lock.lock();
        try {
            accepting = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private UnixConnection acceptNext(Duration limit, long deadline, AtomicBoolean aborted)
            throws IOException, InterruptedException {
        while (true) {
            SocketChannel channel = acceptUndisturbed(server);
            if (channel != null) {
                return connection(channel);
            }
            if (aborted.get()) {
                throw aborted();
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
            if (millis <= 0) {
                throw timeout(limit);
            }
            selector.select(Math.min(millis, Integer.MAX_VALUE));
            selector.selectedKeys().clear();
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting for a connection to " + socket);
            }
        }
    }

    private UnixConnection connection(SocketChannel channel) throws IOException {
        boolean success = false;
        try {
            UnixConnection connection = wrapper.apply(channel);
            success = true;
            return connection;
        } finally {
            if (!success) {
                channel.close();
            }
        }
    }

    /**
     * Takes a peer that is there, on a thread that nobody can interrupt: an interrupt during junixsocket's accept closes the listener for
     * good, even though it does not block.
     */
    static @Nullable SocketChannel acceptUndisturbed(ServerSocketChannel server) throws IOException {
        CompletableFuture<Optional<SocketChannel>> accepted = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        accepted.complete(Optional.ofNullable(acceptBlocking(server)));
                    } catch (Throwable e) {
                        accepted.completeExceptionally(e);
                    }
                },
                "microvm-qmp-accept");
        thread.setDaemon(true);
        thread.start();
        try {
            return accepted.join().orElse(null);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static @Nullable SocketChannel acceptBlocking(ServerSocketChannel server) throws IOException {
        SocketChannel channel = server.accept();
        boolean success = false;
        try {
            if (channel != null) {
                channel.configureBlocking(true);
            }
            success = true;
            return channel;
        } finally {
            if (!success && channel != null) {
                channel.close();
            }
        }
    }

    private AcceptAbortedException aborted() {
        return new AcceptAbortedException("nobody connected to " + socket);
    }

    private SocketTimeoutException timeout(Duration limit) {
        return new SocketTimeoutException("nobody connected to " + socket + " within " + limit);
    }

    /** Stops listening, wakes a waiting {@code accept} and removes the socket file. Connections already accepted live on. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        // The channel first: closing the selector is what then lets go of the descriptor.
        closeQuietly(server);
        closeQuietly(selector);
        closeQuietly(() -> Files.deleteIfExists(socket));
    }

    /** One that does not close cleanly must not keep the others open. */
    private void closeQuietly(Closeable part) {
        try {
            part.close();
        } catch (IOException | RuntimeException e) {
            System.getLogger(UnixListener.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing " + socket + " was not clean", e);
        }
    }

    @Override
    public String toString() {
        return "UnixListener[" + socket + "]";
    }
}
