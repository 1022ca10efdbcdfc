/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFSocket;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** Unix sockets by junixsocket: tells the peer's process id (SO_PEERCRED) and can pass descriptors. */
final class JunixTransport implements UnixTransport {
    /** {@code sun_path} of Linux holds 108 bytes, the last of which is the terminating zero (unix(7)). */
    private static final int MAX_BYTES = 107;

    /** How often it is looked whether the listener's queue has room by now. */
    private static final Duration PAUSE = Duration.ofMillis(2);

    /** Tells whether the native library can be loaded here. */
    static boolean isSupported() {
        return AFSocket.isSupported();
    }

    @Override
    public boolean tellsPeerPid() {
        return true;
    }

    @Override
    public UnixListener bind(Path socket, String threadName) throws IOException {
        UnixTransport.requireShort(socket, MAX_BYTES);
        // Before anything is opened: not every path is one of the kernel's.
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(socket);
        return UnixListener.bind(
                AFUNIXServerSocketChannel.open(), socket, address, channel -> wrap(channel, threadName));
    }

    @Override
    public UnixConnection connect(Path socket, Duration limit, String threadName)
            throws IOException, InterruptedException {
        UnixTransport.requireShort(socket, MAX_BYTES);
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(socket);
        long deadline = System.nanoTime() + Limit.nanos(limit);
        while (true) {
            UnixConnection connection = tryToConnect(address, threadName);
            if (connection != null) {
                return connection;
            }
            if (deadline - System.nanoTime() <= 0) {
                throw Connector.queueIsFull(address, limit);
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    /** Connects without blocking, for no close ends a connect(2) of junixsocket that blocks; null if the listener's queue is full (EAGAIN). */
    private static @Nullable UnixConnection tryToConnect(AFUNIXSocketAddress address, String threadName)
            throws IOException, InterruptedException {
        AFUNIXSocketChannel channel = AFUNIXSocketChannel.open();
        boolean success = false;
        try {
            channel.configureBlocking(false);
            // Afterwards isConnected() would be true in any case.
            if (!channel.connect(address)) {
                return null;
            }
            channel.configureBlocking(true);
            UnixConnection connection = wrap(channel, threadName);
            success = true;
            return connection;
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw (InterruptedException)
                    new InterruptedException("interrupted while connecting to " + address).initCause(e);
        } catch (IOException e) {
            throw Connector.failure(address, e);
        } finally {
            if (!success) {
                channel.close();
            }
        }
    }

    private static UnixConnection wrap(SocketChannel channel, String threadName) throws IOException {
        AFUNIXSocketChannel unix = (AFUNIXSocketChannel) channel;
        return new UnixConnection(new JunixPort(unix), peerPid(unix), threadName);
    }

    private static OptionalLong peerPid(AFUNIXSocketChannel channel) {
        try {
            long pid = channel.getPeerCredentials().getPid();
            return pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty();
        } catch (IOException e) {
            // A peer that is gone already has no credentials; the first read will tell.
            return OptionalLong.empty();
        }
    }

    @Override
    public String toString() {
        return "junixsocket";
    }
}
