/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.preflight;

import dev.microvm.error.Problem;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Protocol;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/**
 * Whether QEMU will be able to listen on the host's side of a forward, found out by listening there for a moment. Another process can still
 * take the port before QEMU does; then QEMU says so.
 */
final class PortProblems {
    private PortProblems() {}

    /** {@return what keeps the forward from listening; empty too where the port is chosen later or the guest listens} */
    static Optional<Problem> of(PortForward forward) {
        if (forward.direction() != PortForward.Direction.HOST_TO_GUEST || forward.hostPort() == 0) {
            return Optional.empty();
        }
        try {
            listen(forward);
            return Optional.empty();
        } catch (IOException e) {
            String where = forward.hostAddress() + ":" + forward.hostPort();
            String kind = forward.protocol() == Protocol.TCP ? "TCP" : "UDP";
            return Optional.of(new Problem(
                    "forwards[hostPort=" + forward.hostPort() + "]",
                    "cannot listen on " + kind + " " + where + ": " + e.getMessage(),
                    cure(forward)));
        }
    }

    private static String cure(PortForward forward) {
        return forward.hostPort() < 1024
                ? "use a port of 1024 or more, or 0 for a free one: lower ones need privileges"
                : "use another port, or 0 for a free one; `ss -tulpn 'sport = " + forward.hostPort()
                        + "'` names who holds it";
    }

    private static void listen(PortForward forward) throws IOException {
        // The address is in digits, which the spec checks: nothing is looked up.
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getByName(forward.hostAddress()), forward.hostPort());
        if (forward.protocol() == Protocol.UDP) {
            new DatagramSocket(address).close();
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // as QEMU: connections of the last run in TIME_WAIT do not matter
            socket.bind(address, 1);
        }
    }
}
