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
        SocketPath.check(socket, SocketPath.KERNEL_MAX_BYTES);
        // Before anything is opened: not every path is one of the kernel's.
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(socket);
        return UnixListener.bind(
                AFUNIXServerSocketChannel.open(), socket, address, channel -> wrap(channel, threadName));
    }

    @Override
    public UnixConnection connect(Path socket, Duration limit, String threadName)
            throws IOException, InterruptedException {
        SocketPath.check(socket, SocketPath.KERNEL_MAX_BYTES);
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(socket);
        long deadline = System.nanoTime() + Limit.nanos(limit);
        while (true) {
            AFUNIXSocketChannel channel = tryToConnect(address);
            if (channel != null) {
                return wrap(channel, threadName);
            }
            if (deadline - System.nanoTime() <= 0) {
                throw Connector.queueIsFull(address, limit);
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    /** Connects without blocking, for no close ends a connect(2) of junixsocket that blocks; null if the listener's queue is full (EAGAIN). */
    private static @Nullable AFUNIXSocketChannel tryToConnect(AFUNIXSocketAddress address)
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
            success = true;
            return channel;
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

    private static UnixConnection wrap(SocketChannel channel, String threadName) {
        AFUNIXSocketChannel unix = (AFUNIXSocketChannel) channel;
        // What is set goes with one write and is cleared by it.
        return new UnixConnection(channel, peerPid(unix), unix::setOutboundFileDescriptors, threadName);
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
