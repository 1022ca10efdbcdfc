/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Hands each event to the subscriptions, on the reader thread, without ever waiting for one of them. */
final class EventHub {
    private final Set<EventSubscription<?>> subscriptions = ConcurrentHashMap.newKeySet();
    private volatile @Nullable QmpException end;

    <T> EventSubscription<T> subscribe(Optional<QmpEventType<T>> type, EventSubscription.Decoder<T> decoder, int size) {
        return type.isEmpty()
                ? subscribe("event", event -> true, decoder, size)
                : subscribe(
                        "event " + type.get().name(),
                        event -> event.name().equals(type.get().name()),
                        decoder,
                        size);
    }

    /** Subscribes to the events that a filter lets through; it runs on the reader thread, so it must be of this package, and short. */
    <T> EventSubscription<T> subscribe(
            String what, Predicate<QmpEvent<JsonValue.Obj>> filter, EventSubscription.Decoder<T> decoder, int size) {
        EventSubscription<T> subscription = new EventSubscription<>(what, filter, decoder, size, subscriptions::remove);
        subscriptions.add(subscription);
        // The end may have come between: then nobody else would tell this one.
        QmpException reason = end;
        if (reason != null) {
            subscription.fail(reason);
        }
        return subscription;
    }

    void publish(QmpEvent<JsonValue.Obj> event) {
        subscriptions.forEach(subscription -> subscription.offer(event));
    }

    void fail(QmpException reason) {
        end = reason;
        subscriptions.forEach(subscription -> subscription.fail(reason));
    }
}
