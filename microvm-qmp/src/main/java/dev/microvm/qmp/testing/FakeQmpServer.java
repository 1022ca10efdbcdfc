/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpData;
import dev.microvm.qmp.QmpVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A QMP server, or a guest agent, that does what a script says, on a real unix socket.
 *
 * <p>Without a script it is a QEMU that runs: it greets, negotiates, answers {@code query-status}, {@code query-version}, {@code stop},
 * {@code cont} and {@code quit} with their events, and refuses every other command with {@code CommandNotFound}. As QEMU, it serves one
 * client at a time (a second one may connect, but is greeted only when the first has left), handles one command after the other, and
 * refuses commands before the negotiation. Say what it shall do with {@link #on}, then let it {@link #listen} or {@link #connect}.
 *
 * <p>Any thread may script it and let it talk at any time; the steps of scripts run on its one daemon thread.
 */
public final class FakeQmpServer implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final boolean agent;
    private final FakeScripts scripts = new FakeScripts();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Object starting = new Object();
    private volatile @Nullable ServerSocketChannel server;
    private volatile @Nullable Thread thread;
    private volatile @Nullable FakeConnection client;
    private volatile @Nullable Throwable failure;
    private volatile QmpVersion version = new QmpVersion(11, 1, 3, "");
    private volatile @Nullable String greeting;
    private volatile int chunk = Integer.MAX_VALUE;
    private volatile boolean pretty;
    private volatile boolean novelties;
    private volatile boolean ids = true;

    private FakeQmpServer(boolean agent) {
        this.agent = agent;
    }

    /**
     * Makes a QEMU.
     *
     * @return the server, not yet reachable
     */
    public static FakeQmpServer qemu() {
        FakeQmpServer fake = new FakeQmpServer(false);
        fake.scripts.likeQemu(() -> fake.version);
        return fake;
    }

    /**
     * Makes a guest agent: no greeting and no negotiation; {@code guest-ping}, the two ways to synchronise and {@code guest-info} are
     * answered, the latter with the commands that are scripted.
     *
     * @return the server, not yet reachable
     */
    public static FakeQmpServer guestAgent() {
        FakeQmpServer fake = new FakeQmpServer(true);
        fake.scripts.likeAGuestAgent();
        return fake;
    }

    /**
     * Sets the version told in the greeting and by {@code query-version}.
     *
     * @param told the version; 11.1.3 if nothing is set
     * @return this
     */
    public FakeQmpServer version(QmpVersion told) {
        version = told;
        return this;
    }

    /**
     * Sets what is sent first to each client, instead of the greeting; a guest agent has none.
     *
     * @param text any text, JSON or not; nothing is sent if it is empty
     * @return this
     */
    public FakeQmpServer greeting(String text) {
        greeting = text;
        return this;
    }

    /**
     * Returns the greeting of a QEMU, to send something before or after it with {@link #greeting(String)}.
     *
     * @return its text with the line end
     */
    public String greeting() {
        return text(FakeText.greeting(version));
    }

    /**
     * Writes at most so many bytes at once.
     *
     * @param bytes at least 1; no limit if nothing is set
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public FakeQmpServer inChunksOf(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a chunk has at least one byte: " + bytes);
        }
        chunk = bytes;
        return this;
    }

    /**
     * Writes each message over many lines, as a monitor with {@code pretty=on}.
     *
     * @return this
     */
    public FakeQmpServer pretty() {
        pretty = true;
        return this;
    }

    /**
     * Adds a member {@code x-novelty} to every object it sends, as a later QEMU may. Enum values of the future are given in replies.
     *
     * @return this
     */
    public FakeQmpServer withUnknownMembers() {
        novelties = true;
        return this;
    }

    /**
     * Leaves out the id in every reply, as old guest agents do.
     *
     * @return this
     */
    public FakeQmpServer withoutIds() {
        ids = false;
        return this;
    }

    /**
     * Starts to script a command anew: what was said for it before is forgotten. Without a step it is never answered.
     *
     * @param command the name, such as {@code query-status}
     * @return what to do; its steps are taken in order each time the command comes
     */
    public FakeScript on(String command) {
        return scripts.on(command);
    }

    /**
     * Scripts the next time a command comes, before what {@link #on} says; further calls script the times after that.
     *
     * @param command the name
     * @return what to do
     */
    public FakeScript once(String command) {
        return scripts.once(command);
    }

    /**
     * Listens, as QEMU with {@code -qmp unix:PATH,server=on,wait=off}, and serves one client after the other.
     *
     * @param socket the socket file to make; {@link #close()} removes it
     * @return this
     * @throws UncheckedIOException if it cannot be made
     * @throws IllegalStateException if this server was started before
     */
    public FakeQmpServer listen(Path socket) {
        try {
            return start(() -> {
                ServerSocketChannel channel = FakeConnection.listenAt(socket);
                server = channel;
                return () -> serveAll(channel);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen at " + socket, e);
        }
    }

    /**
     * Connects, as QEMU with {@code -qmp unix:PATH}, and serves who listens there until one of them leaves.
     *
     * @param socket where somebody listens, such as {@link dev.microvm.qmp.QmpListener#socket()}
     * @return this
     * @throws UncheckedIOException if nobody listens there
     * @throws IllegalStateException if this server was started before
     */
    public FakeQmpServer connect(Path socket) {
        try {
            return start(() -> {
                FakeConnection connection =
                        new FakeConnection(this, SocketChannel.open(UnixDomainSocketAddress.of(socket)));
                return () -> serve(connection);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to " + socket, e);
        }
    }

    /** Opens a socket and makes of it what runs on the thread. */
    private interface Opening {
        Runnable open() throws IOException;
    }

    private FakeQmpServer start(Opening opening) throws IOException {
        synchronized (starting) {
            if (thread != null || closed.getCount() == 0) {
                throw new IllegalStateException("a fake listens or connects once");
            }
            Thread serving = new Thread(opening.open(), "microvm-fake-qmp");
            serving.setDaemon(true);
            thread = serving;
            serving.start();
            return this;
        }
    }

    private void serveAll(ServerSocketChannel listening) {
        try {
            while (true) {
                serve(new FakeConnection(this, listening.accept()));
            }
        } catch (IOException e) {
            // The listening channel was closed, which is how it ends.
        }
    }

    private void serve(FakeConnection connection) {
        client = connection;
        if (closed.getCount() == 0) {
            // Accepted while close() dropped the one before.
            connection.close();
        }
        try (connection) {
            String said = greeting;
            connection.serve(said != null ? said : agent ? "" : greeting(), agent);
        } catch (IOException e) {
            // Dropped by either side.
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /**
     * Reports an event to the present client, now.
     *
     * @param event the name, such as {@code SHUTDOWN}
     * @param data a {@link JsonValue} or a generated type
     * @throws IllegalStateException if no client is connected
     */
    public void emit(String event, QmpData data) {
        client().emit(event, data);
    }

    /**
     * Sends any text to the present client, now.
     *
     * @param text as it is, without a line end of its own
     * @throws IllegalStateException if no client is connected
     */
    public void send(String text) {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends any bytes to the present client, now. A client that has just left is no failure.
     *
     * @param bytes as they are
     * @throws IllegalStateException if no client is connected
     */
    public void send(byte[] bytes) {
        client().send(bytes);
    }

    private FakeConnection client() {
        FakeConnection connection = client;
        if (connection == null) {
            throw new IllegalStateException("no client is connected");
        }
        return connection;
    }

    /** Drops the connection to the present client, if there is one. A listening server goes on with the next one. */
    public void dropConnection() {
        FakeConnection connection = client;
        if (connection != null) {
            connection.close();
        }
    }

    /**
     * Waits for a command that no such call has returned before; other commands that came before it are skipped.
     *
     * @param command its name
     * @param limit how long to wait at most
     * @return the command
     * @throws AssertionError if it does not come, or the calling thread is interrupted; the flag is kept then
     */
    public FakeRequest awaitRequest(String command, Duration limit) {
        return scripts.await(command, limit);
    }

    /**
     * Returns every command received so far, from all clients, in order.
     *
     * @return the commands
     */
    public List<FakeRequest> requests() {
        return scripts.requests();
    }

    /**
     * Returns every message received so far as it was sent, also those that are no commands.
     *
     * @return the texts
     */
    public List<String> received() {
        return scripts.received();
    }

    FakeScripts scripts() {
        return scripts;
    }

    int chunk() {
        return chunk;
    }

    boolean ids() {
        return ids;
    }

    /** A message as it is sent: one line, or many, of ASCII only. */
    String text(JsonValue.Obj message) {
        return FakeText.of(message, pretty, novelties) + (agent ? "\n" : "\r\n");
    }

    /** {@return whether a wait lasted its time; false where this server was closed meanwhile} */
    boolean pause(Duration time) {
        try {
            return !closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("a step of the script has interrupted the thread of the fake", e);
        }
    }

    /**
     * Ends everything at once: delays, hangs, the connection, and the thread, which is waited for. Removes the socket file.
     *
     * @throws IllegalStateException if a step of a script has thrown something, with that as its cause; the connection was dropped then
     * @throws UncheckedIOException if the socket file cannot be removed
     */
    @Override
    public void close() {
        closed.countDown();
        try {
            ServerSocketChannel listening = server;
            if (listening != null
                    && listening.isOpen()
                    && listening.getLocalAddress() instanceof UnixDomainSocketAddress address) {
                listening.close();
                Files.deleteIfExists(address.getPath());
            }
            dropConnection();
            Thread serving = thread;
            if (serving != null && serving != Thread.currentThread()) {
                serving.join(CLOSE_LIMIT.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Throwable reason = failure;
        failure = null;
        if (reason != null) {
            throw new IllegalStateException("a script of the fake server failed: " + reason, reason);
        }
    }
}
