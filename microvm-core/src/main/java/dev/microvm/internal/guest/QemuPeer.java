/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Refuses connections whose other end is not QEMU. The sockets lie in a folder that QEMU's user owns, so another process of that user could
 * put its own in their place. Only a transport that knows the peer's process id can tell (junixsocket does, the JDK does not).
 */
final class QemuPeer {
    private final Supplier<OptionalLong> pid;

    /**
     * Creates one.
     *
     * @param pid QEMU's process id as of now; empty: not known, and everybody is let in
     */
    QemuPeer(Supplier<OptionalLong> pid) {
        this.pid = pid;
    }

    /**
     * {@return the connection}
     *
     * @throws IOException if QEMU is not its other end; it is closed then
     */
    UnixConnection checked(UnixConnection connection, String name) throws IOException {
        OptionalLong expected = pid.get();
        OptionalLong found = connection.peerPid();
        if (expected.isEmpty() || found.isEmpty() || expected.getAsLong() == found.getAsLong()) {
            return connection;
        }
        connection.close();
        throw new IOException("the socket \"" + name + "\" was answered by process " + found.getAsLong()
                + ", not by QEMU (pid " + expected.getAsLong() + ")");
    }
}
