/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a client that runs what users attach to futures, and its clock. It is started when first needed: a client that only
 * makes blocking calls has none. {@code CompletableFuture.orTimeout} is not used, for its thread belongs to the JDK and lives for ever.
 */
final class Dispatcher implements Executor {
    private final ScheduledThreadPoolExecutor executor;
    private volatile @Nullable Thread current;

    Dispatcher(String threadName) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, threadName);
            thread.setDaemon(true);
            current = thread;
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs a task after those given before; in the calling thread if the dispatcher has ended. */
    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    /** Runs a task later, unless it is cancelled or the dispatcher ends before. */
    Runnable schedule(Runnable task, Duration delay) {
        try {
            var timer = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {};
        }
    }

    /** Ends the thread after what was given so far. Zero-delay tasks count as delayed ones, so it must end itself, as its last task. */
    void endAfter(Runnable lastTask) {
        execute(() -> {
            try {
                lastTask.run();
            } finally {
                executor.shutdown();
            }
        });
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == current;
    }

    /** Waits for the thread to end. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        if (!executor.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        // The executor counts as terminated a moment before its thread is gone.
        Thread thread = current;
        if (thread != null) {
            thread.join(limit.toMillis());
        }
        return true;
    }
}
