/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.Limit;
import dev.microvm.qmp.internal.transport.UnixConnection;
import dev.microvm.qmp.internal.transport.UnixTransport;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/** How a client comes to its connection by itself. */
final class Connecting {
    /** How often it is looked whether somebody listens by now. */
    private static final Duration POLL = Duration.ofMillis(5);

    private Connecting() {}

    static UnixTransport transport(QmpOptions options) {
        return UnixTransport.choose(
                switch (options.transport()) {
                    case AUTO -> UnixTransport.Kind.AUTO;
                    case JUNIXSOCKET -> UnixTransport.Kind.JUNIXSOCKET;
                    case JDK -> UnixTransport.Kind.JDK;
                },
                options.expectedPeer());
    }

    static QmpClient connect(Path socket, QmpOptions options) {
        long deadline = System.nanoTime() + Limit.nanos(options.connectTimeout());
        UnixConnection wire = connectWire(socket, options, deadline);
        if (!UnixTransport.admits(wire, options.expectedPeer())) {
            throw new QmpClosedException(
                    "refused " + UnixTransport.peer(wire) + " at " + socket + ": it is not expected there", null);
        }
        QmpConnection connection = new QmpConnection(wire, socket.toString(), options);
        return open(connection, options, deadline);
    }

    /** Greets, negotiates, and does what the options want before the first command; closes everything if that fails. */
    static QmpClient open(QmpConnection connection, QmpOptions options, long deadline) {
        QmpClient client = new QmpClient(connection, connection.open(left(deadline)), options);
        boolean success = false;
        try {
            if (options.strictArguments()) {
                client.checkBySchema(left(deadline));
            }
            success = true;
            return client;
        } finally {
            if (!success) {
                client.close();
            }
        }
    }

    private static UnixConnection connectWire(Path socket, QmpOptions options, long deadline) {
        UnixTransport transport = transport(options);
        long waitUntil = System.nanoTime() + Limit.nanos(options.socketWait());
        try {
            while (true) {
                try {
                    return transport.connect(socket, left(deadline), QmpConnection.threadName(options));
                } catch (SocketTimeoutException e) {
                    throw e;
                } catch (IOException e) {
                    if (!mayComeYet(socket)) {
                        throw new QmpClosedException("cannot connect to " + socket + ": " + e.getMessage(), e);
                    }
                    if (System.nanoTime() - waitUntil >= 0 || System.nanoTime() - deadline >= 0) {
                        throw e;
                    }
                    Thread.sleep(POLL.toMillis());
                }
            }
        } catch (SocketTimeoutException e) {
            throw new QmpTimeoutException("not connected to " + socket + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new QmpClosedException(
                    "nobody listens at " + socket + " (looked for " + options.socketWait() + "): " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpCancelledException("interrupted while connecting to " + socket, e);
        }
    }

    /**
     * Tells a socket that is not there, or at which nobody listens, from one that is out of reach. It asks once, for the socket may appear
     * between two questions, and goes by no words, which may be translated.
     */
    private static boolean mayComeYet(Path socket) {
        try {
            socket.getFileSystem().provider().checkAccess(socket, AccessMode.WRITE);
            return true;
        } catch (NoSuchFileException e) {
            return belowFoldersOnly(socket);
        } catch (IOException e) {
            return false;
        }
    }

    /** Newer Javas tell a file in the place of a folder (ENOTDIR) by the same exception as nothing at all. */
    private static boolean belowFoldersOnly(Path socket) {
        Path above = socket.toAbsolutePath().getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        return above == null || Files.isDirectory(above);
    }

    static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }
}
