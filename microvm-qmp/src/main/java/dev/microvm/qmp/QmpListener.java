/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.AcceptAbortedException;
import dev.microvm.qmp.internal.transport.Limit;
import dev.microvm.qmp.internal.transport.UnixConnection;
import dev.microvm.qmp.internal.transport.UnixListener;
import dev.microvm.qmp.internal.transport.UnixTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Waits for a QEMU to connect, as it does with {@code -qmp unix:PATH} (without {@code server}). Bind first, then start QEMU: so there is
 * no polling, and no stale socket is ever met.
 */
public final class QmpListener implements AutoCloseable {
    private final UnixListener listener;
    private final QmpOptions options;

    private QmpListener(UnixListener listener, QmpOptions options) {
        this.listener = listener;
        this.options = options;
    }

    /**
     * Starts to listen.
     *
     * @param socket the socket file to make; nothing may be there yet
     * @param options how the clients accepted here behave
     * @return the listener
     * @throws IllegalArgumentException if the path has more than 107 bytes, the kernel's limit; with {@link TransportKind#JDK} 106
     * @throws IllegalStateException if junixsocket was asked for and cannot be loaded, or {@link QmpOptions#expectedPeer()} cannot be checked
     * @throws UncheckedIOException if the socket cannot be made, for instance because a file is there already
     */
    public static QmpListener bind(Path socket, QmpOptions options) {
        try {
            return new QmpListener(
                    Connecting.transport(options).bind(socket, QmpConnection.threadName(options)), options);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen at " + socket + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns where QEMU is to connect.
     *
     * @return the socket file
     */
    public Path socket() {
        return listener.socket();
    }

    /**
     * Waits for a QEMU to connect, greets it and negotiates.
     *
     * @param limit how long all of this may take
     * @return the session, ready for commands
     * @throws QmpTimeoutException if it is not ready within the limit; the listener stays usable
     * @throws QmpClosedException if the peer leaves at once, or this listener is or gets closed
     * @throws QmpProtocolException if what the peer says is no QMP, or it refuses the negotiation
     * @throws QmpErrorException with {@link QmpOptions#strictArguments()}, if QEMU refuses {@code query-qmp-schema}
     * @throws QmpUnsupportedException with {@link QmpOptions#strictArguments()}, if this QEMU does not know {@code query-qmp-schema}
     * @throws QmpCancelledException if the calling thread was interrupted; the listener stays usable
     */
    public QmpClient accept(Duration limit) {
        return accept(limit, new CompletableFuture<>());
    }

    /**
     * Waits for a QEMU to connect, greets it and negotiates; gives up at once when it is known that none will.
     *
     * @param limit how long all of this may take
     * @param abort completes when QEMU has died, such as {@link Process#onExit()}; how it completes is told in the exception
     * @return the session, ready for commands
     * @throws QmpTimeoutException if it is not ready within the limit; the listener stays usable
     * @throws QmpClosedException if {@code abort} completes first, the peer leaves at once, or this listener is or gets closed
     * @throws QmpProtocolException if what the peer says is no QMP, or it refuses the negotiation
     * @throws QmpErrorException with {@link QmpOptions#strictArguments()}, if QEMU refuses {@code query-qmp-schema}
     * @throws QmpUnsupportedException with {@link QmpOptions#strictArguments()}, if this QEMU does not know {@code query-qmp-schema}
     * @throws QmpCancelledException if the calling thread was interrupted; the listener stays usable
     */
    public QmpClient accept(Duration limit, CompletionStage<?> abort) {
        long deadline = System.nanoTime() + Limit.nanos(limit);
        AtomicReference<String> abortedBy = new AtomicReference<>("");
        CompletableFuture<Void> aborted = new CompletableFuture<>();
        abort.whenComplete((value, failure) -> {
            abortedBy.set(failure == null ? String.valueOf(value) : failure.toString());
            aborted.complete(null);
        });
        try {
            UnixConnection wire = acceptExpected(limit, deadline, aborted);
            QmpConnection connection = new QmpConnection(wire, socket().toString(), options);
            // Cut off from the caller's stage, which may live on for as long as the VM.
            AtomicReference<QmpConnection> opening = new AtomicReference<>(connection);
            var unused = aborted.thenRun(() -> {
                QmpConnection unfinished = opening.get();
                if (unfinished != null) {
                    unfinished.end("what was to connect has ended: " + abortedBy.get());
                }
            });
            try {
                return Connecting.open(connection, options, deadline);
            } finally {
                opening.set(null);
            }
        } catch (AcceptAbortedException e) {
            throw new QmpClosedException(
                    "nobody connected to " + socket() + ", and what was to connect has ended: " + abortedBy.get(), e);
        } catch (SocketTimeoutException e) {
            throw new QmpTimeoutException(e.getMessage() + "; was QEMU started with -qmp unix:" + socket() + "?", e);
        } catch (IOException e) {
            throw new QmpClosedException(
                    "cannot accept at " + socket() + ": " + (e.getMessage() == null ? "the listener is closed" : e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpCancelledException("interrupted while waiting for QEMU at " + socket(), e);
        }
    }

    private UnixConnection acceptExpected(Duration limit, long deadline, CompletableFuture<Void> aborted)
            throws IOException, InterruptedException {
        UnixConnection wire = listener.accept(limit, aborted);
        while (!UnixTransport.admits(wire, options.expectedPeer())) {
            String stranger = UnixTransport.peer(wire);
            try {
                wire = listener.accept(Connecting.left(deadline), aborted);
            } catch (SocketTimeoutException e) {
                throw (IOException) new SocketTimeoutException("nobody who is expected connected to " + socket()
                                + " within " + limit + ", but " + stranger + " did and was refused")
                        .initCause(e);
            }
        }
        return wire;
    }

    /** Stops listening and removes the socket file; a waiting {@code accept} fails at once. Sessions live on. */
    @Override
    public void close() {
        listener.close();
    }

    @Override
    public String toString() {
        return "QmpListener[" + socket() + "]";
    }
}
