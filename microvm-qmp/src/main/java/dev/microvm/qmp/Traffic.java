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

    /** Tells of a message, which is made on the dispatcher thread, so that nothing is wrong with sending if it cannot be. */
    void tell(QmpTraffic.Direction direction, Supplier<JsonValue> message) {
        if (sinks.isEmpty() || waiting.get() >= MAX_WAITING) {
            return;
        }
        Instant at = Instant.now();
        waiting.incrementAndGet();
        boolean accepted = dispatcher.offer(() -> {
            waiting.decrementAndGet();
            careful("a message cannot be shown to the traffic sink", () -> {
                QmpTraffic redacted = new QmpTraffic(
                        at, direction, Redaction.redact(message.get()).toString());
                sinks.forEach(sink -> careful("the traffic sink fails", () -> sink.accept(redacted)));
            });
        });
        if (!accepted) {
            waiting.decrementAndGet();
        }
    }

    /** An Error of one sink, too, must neither vanish nor keep the message from the others. */
    private void careful(String failure, Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            if (complained.compareAndSet(false, true)) {
                System.getLogger(Traffic.class.getName())
                        .log(System.Logger.Level.WARNING, failure + "; further failures are not logged", e);
            }
        }
    }
}
