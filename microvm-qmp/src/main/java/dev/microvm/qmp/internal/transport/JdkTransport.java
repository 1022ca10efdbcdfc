/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/** Unix sockets by the JDK's own channels: no native code to load, but the peer's process id stays unknown and no descriptor can be passed. */
final class JdkTransport implements UnixTransport {

    @Override
    public boolean tellsPeerPid() {
        return false;
    }

    @Override
    public UnixListener bind(Path socket, String threadName) throws IOException {
        SocketPath.check(socket, SocketPath.JDK_MAX_BYTES);
        // Before anything is opened: not every path is one of the kernel's.
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        return UnixListener.bind(
                ServerSocketChannel.open(StandardProtocolFamily.UNIX),
                socket,
                address,
                channel -> wrap(channel, threadName));
    }

    @Override
    public UnixConnection connect(Path socket, Duration limit, String threadName)
            throws IOException, InterruptedException {
        SocketPath.check(socket, SocketPath.JDK_MAX_BYTES);
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Connector.connect(channel, address, limit, threadName);
        return wrap(channel, threadName);
    }

    private static UnixConnection wrap(SocketChannel channel, String threadName) {
        return new UnixConnection(channel, OptionalLong.empty(), null, threadName);
    }

    @Override
    public String toString() {
        return "JDK";
    }
}
