/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * Something QEMU reported by itself.
 *
 * @param name the name on the wire, such as {@code SHUTDOWN}
 * @param data what it says; a {@link JsonValue.Obj} where the event was subscribed to without its type
 * @param timestamp when it happened by QEMU's clock; empty if QEMU could not read the clock (it sends -1 then), or what it sends is no time
 * @param <T> the type of the data
 */
public record QmpEvent<T>(String name, T data, Optional<Instant> timestamp) {

    static QmpEvent<JsonValue.Obj> of(JsonValue.Obj message) {
        JsonValue.Obj data = message.find("data").isPresent() ? message.object("data") : JsonValue.Obj.EMPTY;
        return new QmpEvent<>(
                message.string("event"), data, message.find("timestamp").flatMap(QmpEvent::instant));
    }

    private static Optional<Instant> instant(JsonValue timestamp) {
        QmpReader in = QmpReader.of(timestamp);
        try {
            long seconds = in.integer("seconds");
            return seconds < 0
                    ? Optional.empty()
                    : Optional.of(
                            Instant.ofEpochSecond(seconds, Math.multiplyExact(in.integer("microseconds"), 1000L)));
        } catch (QmpProtocolException | DateTimeException | ArithmeticException e) {
            // No time that can be told; the event itself has happened all the same.
            return Optional.empty();
        }
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
