/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.Limit;
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

    /**
     * Runs a task after those given before; in the calling thread if the dispatcher has ended. It ends after the threads of its
     * connection, so that is a thread of a user which has sent a command at that very moment, and waits for nothing else here.
     */
    @Override
    public void execute(Runnable task) {
        if (!offer(task)) {
            task.run();
        }
    }

    /** Runs a task after those given before; false, and never, if the dispatcher has ended. */
    boolean offer(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Runs a task later, unless it is cancelled or the dispatcher ends before. */
    Runnable schedule(Runnable task, Duration delay) {
        try {
            var timer = executor.schedule(task, Limit.nanos(delay), TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {};
        }
    }

    /** Ends the thread after what was given so far, and this. What is scheduled for later is never run. */
    void endAfter(Runnable lastTask) {
        execute(lastTask);
        executor.shutdown();
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == current;
    }

    /** Waits for the thread to end. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        if (!executor.awaitTermination(Limit.nanos(limit), TimeUnit.NANOSECONDS)) {
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
