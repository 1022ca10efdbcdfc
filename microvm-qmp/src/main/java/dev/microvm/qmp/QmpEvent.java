/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Instant;
import java.util.Optional;

/**
 * Something QEMU reported by itself.
 *
 * @param name the name on the wire, such as {@code SHUTDOWN}
 * @param data what it says; a {@link JsonValue.Obj} where the event was subscribed to without its type
 * @param timestamp when it happened by QEMU's clock; empty if QEMU could not read the clock (it sends -1 then)
 * @param <T> the type of the data
 */
public record QmpEvent<T>(String name, T data, Optional<Instant> timestamp) {

    static QmpEvent<JsonValue.Obj> of(JsonValue.Obj message) {
        JsonValue.Obj data = message.find("data").isPresent() ? message.object("data") : JsonValue.Obj.EMPTY;
        return new QmpEvent<>(
                message.string("event"), data, message.find("timestamp").flatMap(QmpEvent::instant));
    }

    private static Optional<Instant> instant(JsonValue timestamp) {
        if (timestamp instanceof JsonValue.Obj object) {
            long seconds = object.integer("seconds");
            if (seconds >= 0) {
                return Optional.of(Instant.ofEpochSecond(seconds, object.integer("microseconds") * 1000));
            }
        }
        return Optional.empty();
    }

    /** Reads the data as what the type says. */
    <U> QmpEvent<U> as(QmpEventType<U> type) {
        JsonValue value = data instanceof JsonValue json ? json : JsonValue.Obj.EMPTY;
        try {
            return new QmpEvent<>(name, type.reader().apply(QmpReader.of(value)), timestamp);
        } catch (QmpProtocolException e) {
            throw new QmpProtocolException("the event " + name + " has unexpected data: " + e.getMessage(), e);
        }
    }
}
