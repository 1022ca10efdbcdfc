/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpReader;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a guest agent is and can do ({@code guest-info}).
 *
 * @param version its version, such as {@code 11.1.3}
 * @param commands its commands, each with whether it is enabled; unmodifiable
 */
public record GuestInfo(String version, Map<String, Boolean> commands) {
    /**
     * Copies the commands.
     *
     * @param version taken as it is
     * @param commands copied and ordered by name
     */
    public GuestInfo {
        commands = Collections.unmodifiableMap(new TreeMap<>(commands));
    }

    static GuestInfo read(JsonValue value) {
        QmpReader in = QmpReader.of(value);
        Map<String, Boolean> commands = new TreeMap<>();
        in.member("supported_commands").list(each -> commands.put(each.string("name"), each.bool("enabled")) == null);
        return new GuestInfo(in.string("version"), commands);
    }
}
