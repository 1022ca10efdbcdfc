/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayList;
import java.util.List;

/**
 * What QEMU says when a client connects (QMP specification, "Server Greeting").
 *
 * @param version the version of QEMU
 * @param capabilities what the protocol can do there, such as {@code oob}
 */
public record QmpGreeting(QmpVersion version, List<String> capabilities) {
    /**
     * Copies the capabilities.
     *
     * @param version taken as it is
     * @param capabilities copied; may be empty, as it is without {@code oob}
     */
    public QmpGreeting {
        capabilities = List.copyOf(capabilities);
    }

    static QmpGreeting of(JsonValue.Obj message) {
        JsonValue.Obj qmp = message.object("QMP");
        JsonValue.Obj version = qmp.object("version");
        JsonValue.Obj qemu = version.object("qemu");
        List<String> capabilities = new ArrayList<>();
        for (JsonValue capability : qmp.array("capabilities")) {
            // The specification leaves room for capabilities of other forms than strings.
            capabilities.add(capability instanceof JsonValue.Str name ? name.value() : capability.toString());
        }
        return new QmpGreeting(
                new QmpVersion(
                        number(qemu, "major"), number(qemu, "minor"), number(qemu, "micro"), version.string("package")),
                capabilities);
    }

    private static int number(JsonValue.Obj qemu, String name) {
        long number = qemu.integer(name);
        if (number != (int) number) {
            throw new QmpProtocolException("the '" + name + "' number of no version of QEMU: " + number);
        }
        return (int) number;
    }
}
