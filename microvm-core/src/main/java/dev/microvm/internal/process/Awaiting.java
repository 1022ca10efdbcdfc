/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Bounded waits on the way down, which an interrupt must not cut short: something would be left behind. */
final class Awaiting {
    private Awaiting() {}

    /** {@return the value, or empty when the limit ran out or the future failed} An interrupt is remembered in the thread's flag. */
    static <T> Optional<T> uninterruptibly(CompletableFuture<T> future, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return Optional.of(future.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException | ExecutionException e) {
                    return Optional.empty();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** {@return whether it completed within the limit, with a value or not} An interrupt is remembered in the thread's flag. */
    static boolean done(CompletableFuture<?> future, Duration limit) {
        Optional<?> unused = uninterruptibly(future, limit);
        return future.isDone();
    }

    /** {@return what a future failed with} */
    static Throwable cause(ExecutionException e) {
        Throwable cause = e.getCause();
        return cause == null ? e : cause;
    }
}
