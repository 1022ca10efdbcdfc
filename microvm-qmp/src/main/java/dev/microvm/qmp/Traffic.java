/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells the user's sink of messages, without their secrets and without ever delaying the connection. */
final class Traffic {
    private static final int MAX_WAITING = 4096;

    private final Optional<Consumer<QmpTraffic>> sink;
    private final Dispatcher dispatcher;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean complained = new AtomicBoolean();

    Traffic(Optional<Consumer<QmpTraffic>> sink, Dispatcher dispatcher) {
        this.sink = sink;
        this.dispatcher = dispatcher;
    }

    void tell(QmpTraffic.Direction direction, Supplier<JsonValue> message) {
        if (sink.isEmpty() || waiting.get() >= MAX_WAITING) {
            return;
        }
        Instant at = Instant.now();
        JsonValue value = message.get();
        waiting.incrementAndGet();
        dispatcher.execute(() -> {
            waiting.decrementAndGet();
            deliver(
                    sink.get(),
                    new QmpTraffic(at, direction, Redaction.redact(value).toString()));
        });
    }

    private void deliver(Consumer<QmpTraffic> target, QmpTraffic message) {
        try {
            target.accept(message);
        } catch (RuntimeException e) {
            if (complained.compareAndSet(false, true)) {
                System.getLogger(Traffic.class.getName())
                        .log(System.Logger.Level.WARNING, "the traffic sink fails; further failures are not logged", e);
            }
        }
    }
}
