/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.newsclub.net.unix.AFSocket;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** Unix sockets by junixsocket: tells the peer's process id (SO_PEERCRED) and can pass descriptors. */
final class JunixTransport implements UnixTransport {

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
        AFUNIXServerSocketChannel server = AFUNIXServerSocketChannel.open();
        return UnixListener.bind(server, socket, AFUNIXSocketAddress.of(socket), channel -> wrap(channel, threadName));
    }

    @Override
    public UnixConnection connect(Path socket, Duration limit, String threadName)
            throws IOException, InterruptedException {
        SocketPath.check(socket, SocketPath.KERNEL_MAX_BYTES);
        AFUNIXSocketChannel channel = AFUNIXSocketChannel.open();
        Connector.connect(channel, AFUNIXSocketAddress.of(socket), limit, threadName);
        return wrap(channel, threadName);
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
