/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.internal.qemu.PortStream;
import dev.microvm.qmp.internal.transport.UnixTransport;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/**
 * The slots of a guest. The one used longest ago is used next, so that its ports have had time to close. A slot whose ports are held by a
 * process that was left behind is set aside; it is tried again, at most four times a second, when no other is free.
 */
final class ExecSlots implements AutoCloseable {
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private record Aside(ExecSlot slot, long since) {}

    private final List<ExecSlot> all = new ArrayList<>();
    private final Deque<ExecSlot> free = new ArrayDeque<>();
    private final Deque<Aside> aside = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    ExecSlots(
            int count,
            BiFunction<Integer, PortStream, Path> ports,
            UnixTransport transport,
            Executor threads,
            QemuPeer peer) {
        for (int i = 0; i < count; i++) {
            int number = i;
            all.add(new ExecSlot(number, stream -> ports.apply(number, stream), transport, threads, peer));
        }
        free.addAll(all);
    }

    /** {@return a slot that nobody else uses; empty if the limit passed} */
    Optional<ExecSlot> acquire(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        lock.lockInterruptibly();
        try {
            while (true) {
                ExecSlot slot = free.poll();
                if (slot != null) {
                    return Optional.of(slot);
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return Optional.empty();
                }
                Aside oldest = aside.peek();
                if (oldest != null) {
                    long pause = oldest.since() + RETRY_NANOS - System.nanoTime();
                    if (pause <= 0) {
                        aside.remove();
                        return Optional.of(oldest.slot());
                    }
                    left = Math.min(left, pause);
                }
                var unused = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    void release(ExecSlot slot) {
        giveBack(() -> free.add(slot));
    }

    void setAside(ExecSlot slot) {
        giveBack(() -> aside.add(new Aside(slot, System.nanoTime())));
    }

    private void giveBack(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    int count() {
        return all.size();
    }

    /** {@return how many slots are set aside, for messages} */
    int heldByLeftovers() {
        lock.lock();
        try {
            return aside.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        all.forEach(ExecSlot::close);
    }
}
