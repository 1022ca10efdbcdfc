/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells the user's sink and the log of messages, without their secrets and without ever delaying the connection. */
final class Traffic {
    private static final int MAX_WAITING = 4096;

    private static final String LOGGER = "dev.microvm.qmp.traffic";

    private final List<Consumer<QmpTraffic>> sinks = new ArrayList<>();
    private final Dispatcher dispatcher;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean complained = new AtomicBoolean();

    Traffic(QmpOptions options, Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
        options.traffic().ifPresent(sinks::add);
        if (options.logTraffic()) {
            System.Logger logger = System.getLogger(LOGGER);
            sinks.add(message -> logger.log(
                    System.Logger.Level.TRACE,
                    () -> options.name() + " " + message.direction() + " " + message.json()));
        }
    }

    void tell(QmpTraffic.Direction direction, Supplier<JsonValue> message) {
        if (sinks.isEmpty() || waiting.get() >= MAX_WAITING) {
            return;
        }
        Instant at = Instant.now();
        JsonValue value = message.get();
        waiting.incrementAndGet();
        dispatcher.execute(() -> {
            waiting.decrementAndGet();
            QmpTraffic redacted =
                    new QmpTraffic(at, direction, Redaction.redact(value).toString());
            sinks.forEach(sink -> deliver(sink, redacted));
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
