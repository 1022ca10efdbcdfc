/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.PortForward;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Port forwards of the user network. (QEMU manual, {@code -netdev user,hostfwd=,guestfwd=}.) */
final class Forwards {
    private Forwards() {}

    static void addTo(OptionList netdev, Rendering in) {
        for (PortForward forward : in.spec().forwards()) {
            if (forward.direction() == PortForward.Direction.HOST_TO_GUEST) {
                netdev.with("hostfwd", hostToGuest(forward));
            } else {
                netdev.with("guestfwd", guestToHost(forward, in));
            }
        }
    }

    /** {@return whether the guest calls the host through a forward} */
    static boolean toHost(VmSpec spec) {
        return callsToHost(spec).findAny().isPresent();
    }

    private static Stream<PortForward> callsToHost(VmSpec spec) {
        return spec.forwards().stream().filter(forward -> forward.direction() == PortForward.Direction.GUEST_TO_HOST);
    }

    private static String hostToGuest(PortForward forward) {
        return forward.protocol().qemuName() + ":" + forward.hostAddress() + ":" + forward.hostPort() + "-"
                + forward.guestAddress() + ":" + forward.guestPort();
    }

    /**
     * A command for each connection, which is its standard input and output. The alternative, a character device, is one stream shared
     * by all connections, and made when QEMU starts.
     */
    private static String guestToHost(PortForward forward, Rendering in) {
        return forward.protocol().qemuName() + ":" + forward.guestAddress() + ":" + forward.guestPort() + "-cmd:"
                + GuestCallRelay.of(forward, busybox(forward, in), in.paths().relayPipe());
    }

    /** {@return what is to be run before QEMU} */
    static List<String> prelude(Rendering in) {
        return callsToHost(in.spec())
                .findFirst()
                .map(forward -> GuestCallRelay.holdingThePipe(
                        busybox(forward, in), in.paths().relayPipe()))
                .orElse(List.of());
    }

    private static Path busybox(PortForward forward, Rendering in) {
        return in.paths()
                .busybox()
                .orElseThrow(() -> new IllegalArgumentException("VmSpec.forwards: " + forward.guestAddress() + ":"
                        + forward.guestPort()
                        + " from the guest to the host needs the nc of a busybox, and none was found on the"
                        + " host; install busybox-static, or let the guest connect to 10.0.2.2:" + forward.hostPort()));
    }
}
