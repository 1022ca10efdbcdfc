/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongPredicate;

/** A way to open unix domain sockets. Both forms behave alike; only junixsocket knows the peer's process id and can pass descriptors. */
public sealed interface UnixTransport permits JdkTransport, JunixTransport {

    /** Which form is wanted. */
    enum Kind {
        /** junixsocket where its native code can be loaded silently, else the JDK. */
        AUTO,
        /** junixsocket, or a failure. */
        JUNIXSOCKET,
        /** The JDK's own channel; no class of junixsocket is loaded. */
        JDK
    }

    /** From this Java version on, loading native code prints a warning about restricted methods (JEP 472). */
    int FIRST_JAVA_THAT_WARNS_OF_NATIVE_CODE = 24;

    /**
     * Picks a transport.
     *
     * @param kind what is wanted
     * @return the transport
     * @throws IllegalStateException if junixsocket was asked for and its native library cannot be loaded
     */
    static UnixTransport choose(Kind kind) {
        return switch (kind) {
            case JDK -> new JdkTransport();
            case JUNIXSOCKET -> {
                if (!junixsocketWorks()) {
                    throw new IllegalStateException(
                            "junixsocket was asked for, but its native library cannot be loaded;"
                                    + " choose the transport AUTO or JDK, or see that junixsocket-native-common is present"
                                    + " and that the folder for temporary files is not mounted noexec");
                }
                yield new JunixTransport();
            }
            case AUTO ->
                Runtime.version().feature() < FIRST_JAVA_THAT_WARNS_OF_NATIVE_CODE && junixsocketWorks()
                        ? new JunixTransport()
                        : new JdkTransport();
        };
    }

    /**
     * Picks a transport that can tell whether the peer is one that is expected, if one is.
     *
     * @param kind what is wanted
     * @param expectedPeer judges the process id of the peer; empty if anybody may be there
     * @return the transport
     * @throws IllegalStateException if junixsocket was asked for and its native library cannot be loaded, or the peer cannot be checked
     */
    static UnixTransport choose(Kind kind, Optional<LongPredicate> expectedPeer) {
        UnixTransport transport = choose(kind);
        if (expectedPeer.isPresent() && !transport.tellsPeerPid()) {
            throw new IllegalStateException("expectedPeer needs a transport that tells the process at the other end: "
                    + "TransportKind.JUNIXSOCKET, not the JDK's sockets, which " + kind + " means here");
        }
        return transport;
    }

    /**
     * Tells whether the peer is one that is expected, and closes the connection if not, or if the question fails.
     *
     * @param wire the connection
     * @param expectedPeer judges the process id of the peer; empty if anybody may be there
     * @return true if the connection may be used; it is closed otherwise
     */
    static boolean admits(UnixConnection wire, Optional<LongPredicate> expectedPeer) {
        boolean admitted = false;
        try {
            admitted = expectedPeer.isEmpty()
                    || (wire.peerPid().isPresent()
                            && expectedPeer.get().test(wire.peerPid().getAsLong()));
            return admitted;
        } finally {
            if (!admitted) {
                wire.close();
            }
        }
    }

    /**
     * Names the peer, for messages.
     *
     * @param wire the connection
     * @return its process, if that is known
     */
    static String peer(UnixConnection wire) {
        return wire.peerPid().isPresent() ? "process " + wire.peerPid().getAsLong() : "an unknown process";
    }

    private static boolean junixsocketWorks() {
        try {
            return JunixTransport.isSupported();
        } catch (LinkageError e) {
            // The jar may be left out on purpose, for instance by a plugin that must be unloadable.
            return false;
        }
    }

    /**
     * Tells whether connections know the process at their other end.
     *
     * @return false with the JDK's sockets
     */
    boolean tellsPeerPid();

    /**
     * Listens on a new socket file of mode 0600: only this user may connect, until the file is given to another.
     *
     * @param socket where; no file may be there yet
     * @param threadName the first part of the names of the threads that connections accepted here start
     * @return the listening socket
     * @throws IllegalArgumentException if the path has more than 107 bytes, or 106 with the JDK's own sockets
     * @throws IOException if a file is there already, or the socket cannot be made
     */
    UnixListener bind(Path socket, String threadName) throws IOException;

    /**
     * Connects to a listening socket.
     *
     * @param socket where
     * @param limit how long to wait at most; a listener whose queue is full makes connecting block
     * @param threadName the first part of the names of the threads the connection starts
     * @return the connection
     * @throws IllegalArgumentException if the path has more than 107 bytes, or 106 with the JDK's own sockets
     * @throws SocketTimeoutException if the limit passed
     * @throws IOException if nobody listens there
     * @throws InterruptedException if the calling thread was interrupted
     */
    UnixConnection connect(Path socket, Duration limit, String threadName) throws IOException, InterruptedException;
}
