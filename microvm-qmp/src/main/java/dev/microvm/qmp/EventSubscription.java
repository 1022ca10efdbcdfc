/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.Limit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Events as they arrive, kept in order until they are taken. Subscribe before sending the command that causes an event: QEMU reports
 * events before it replies.
 *
 * <p>At most {@link QmpOptions#eventQueueSize()} events are kept. A subscription that is not emptied loses the oldest and counts them in
 * {@link #lost()}; it never delays QEMU, replies, or other subscriptions. Any thread may take events; each goes to one taker.
 *
 * @param <T> the type of the data
 */
public final class EventSubscription<T> implements AutoCloseable {
    private final String what;
    private final Predicate<QmpEvent<JsonValue.Obj>> filter;
    private final Decoder<T> decoder;
    private final int size;
    private final Consumer<EventSubscription<?>> onClose;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<QmpEvent<JsonValue.Obj>> queue = new ArrayDeque<>();
    private long lost;
    private boolean closed;
    private @Nullable QmpException end;

    /** Gives an event its type. */
    interface Decoder<T> {
        QmpEvent<T> decode(QmpEvent<JsonValue.Obj> event);
    }

    EventSubscription(
            String what,
            Predicate<QmpEvent<JsonValue.Obj>> filter,
            Decoder<T> decoder,
            int size,
            Consumer<EventSubscription<?>> onClose) {
        this.what = what;
        this.filter = filter;
        this.decoder = decoder;
        this.size = size;
        this.onClose = onClose;
    }

    /**
     * Takes an event if one is there, and waits for none.
     *
     * @return the oldest event; empty if there is none
     * @throws QmpProtocolException if the data has not the form its type says; the event is gone then
     */
    public Optional<QmpEvent<T>> poll() {
        QmpEvent<JsonValue.Obj> event;
        lock.lock();
        try {
            event = queue.poll();
        } finally {
            lock.unlock();
        }
        return Optional.ofNullable(event).map(decoder::decode);
    }

    /**
     * Takes the next event, waiting for it if need be. Events that arrived before the connection ended are still delivered.
     *
     * @param limit how long to wait at most
     * @return the event
     * @throws QmpTimeoutException if none came within the limit
     * @throws QmpClosedException at once when the connection ends
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws QmpProtocolException if the data has not the form its type says; the event is gone then
     * @throws IllegalStateException if this subscription is or gets closed
     */
    public QmpEvent<T> await(Duration limit) {
        return await(event -> true, limit);
    }

    /**
     * Takes events until one fits, waiting for it if need be. Those that do not fit are gone.
     *
     * @param condition what to wait for; it runs in the calling thread
     * @param limit how long to wait at most, for all events together
     * @return the first event that fits
     * @throws QmpTimeoutException if none came within the limit
     * @throws QmpClosedException at once when the connection ends
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws QmpProtocolException if the data has not the form its type says; the event is gone then
     * @throws IllegalStateException if this subscription is or gets closed
     */
    public QmpEvent<T> await(Predicate<? super QmpEvent<T>> condition, Duration limit) {
        long deadline = System.nanoTime() + Limit.nanos(limit);
        int others = 0;
        while (true) {
            QmpEvent<T> event = decoder.decode(take(deadline, limit, others));
            if (condition.test(event)) {
                return event;
            }
            others++;
            // Taking one that is there looks at no clock, and there may always be one.
            if (deadline - System.nanoTime() <= 0) {
                throw timeout(limit, others);
            }
        }
    }

    private QmpEvent<JsonValue.Obj> take(long deadline, Duration limit, int others) {
        try {
            lock.lockInterruptibly();
            try {
                while (true) {
                    QmpEvent<JsonValue.Obj> event = queue.poll();
                    if (event != null) {
                        return event;
                    }
                    if (closed) {
                        throw new IllegalStateException("the subscription to " + what + " is closed");
                    }
                    if (end != null) {
                        throw new QmpClosedException(
                                "no " + what + " can come any more" + seen(others) + ": " + end.getMessage(), end);
                    }
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        throw timeout(limit, others);
                    }
                    // The loop asks again, whatever the reason for waking up was.
                    changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpCancelledException("interrupted while waiting for " + what, e);
        }
    }

    private QmpTimeoutException timeout(Duration limit, int others) {
        return new QmpTimeoutException("no " + what + " within " + limit + seen(others), null);
    }

    private static String seen(int others) {
        return others == 0 ? "" : " (" + others + " came, but did not fit)";
    }

    /**
     * Returns how many events were dropped because they were not taken in time.
     *
     * @return the number since the subscription began
     */
    public long lost() {
        lock.lock();
        try {
            return lost;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the subscription. Events not taken are gone, and a thread that waits here is woken. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        onClose.accept(this);
    }

    void offer(QmpEvent<JsonValue.Obj> event) {
        if (!filter.test(event)) {
            return;
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (queue.size() == size) {
                queue.remove();
                lost++;
            }
            queue.add(event);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    void fail(QmpException reason) {
        lock.lock();
        try {
            end = reason;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
