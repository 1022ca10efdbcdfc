/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The data of {@link GuestPanickedEvent}.
 *
 * @param action what QEMU does about it
 * @param info what the guest's platform tells about it, if anything
 */
public record GuestPanickedData(
        GuestPanicAction action, @Nullable JsonValue info) {

    /**
     * Returns what the guest's platform tells.
     *
     * @return the information; empty if there is none
     */
    public Optional<JsonValue> findInfo() {
        return Optional.ofNullable(info);
    }

    /**
     * Reads it.
     *
     * @param reader stands before the object
     * @return the value
     * @throws QmpProtocolException if it is not of this form
     */
    public static GuestPanickedData read(QmpReader reader) {
        GuestPanicAction action = null;
        JsonValue info = null;
        reader.beginObject();
        while (reader.nextMember()) {
            switch (reader.name()) {
                case "action" -> action = GuestPanicAction.of(reader.string());
                case "info" -> info = reader.value();
                default -> {}
            }
        }
        return new GuestPanickedData(reader.require(action, "action"), info);
    }
}
