/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpClient;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Protocol;
import dev.microvm.spec.VmSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ports on which the host listens. A forward with port 0 lets the kernel choose while QEMU binds, so no other program can take it
 * in between; which one it was is only told by the human monitor ({@code info usernet}), for QMP has no command for it.
 */
final class HostPorts {
    /** {@code   TCP[HOST_FORWARD]  12   127.0.0.1 40001   10.0.2.15    22     0     0}. */
    private static final Pattern LINE =
            Pattern.compile("(TCP|UDP)\\[HOST_FORWARD\\]\\s+\\d+\\s+(\\S+)\\s+(\\d+)\\s+(\\S+)\\s+(\\d+)");

    private HostPorts() {}

    static Map<PortForward, Integer> of(VmSpec spec, QmpClient qmp) {
        Map<PortForward, Integer> ports = new LinkedHashMap<>();
        Optional<String> usernet = Optional.empty();
        for (PortForward forward : spec.forwards()) {
            if (forward.direction() != PortForward.Direction.HOST_TO_GUEST || forward.hostPort() != 0) {
                ports.put(forward, forward.hostPort());
                continue;
            }
            if (usernet.isEmpty()) {
                usernet = Optional.of(infoUsernet(qmp));
            }
            ports.put(forward, chosen(forward, usernet.get()));
        }
        return ports;
    }

    private static String infoUsernet(QmpClient qmp) {
        JsonValue reply = qmp.executeRaw(
                "human-monitor-command", JsonValue.Obj.of("command-line", new JsonValue.Str("info usernet")));
        return reply instanceof JsonValue.Str text ? text.value() : reply.toString();
    }

    static int chosen(PortForward forward, String usernet) {
        Matcher matcher = LINE.matcher(usernet);
        while (matcher.find()) {
            Protocol protocol = matcher.group(1).equals("TCP") ? Protocol.TCP : Protocol.UDP;
            if (protocol == forward.protocol()
                    && matcher.group(2).equals(forward.hostAddress())
                    && matcher.group(4).equals(forward.guestAddress())
                    && Integer.parseInt(matcher.group(5)) == forward.guestPort()) {
                return Integer.parseInt(matcher.group(3));
            }
        }
        throw new IllegalStateException("QEMU does not list " + forward + " in info usernet:\n" + usernet);
    }
}
