/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The guest's serial console, read from the file that QEMU writes, while it grows. Thread-safe.
 *
 * <p>The file is looked at every 10 ms by one thread: a file tells nobody that it grows, and Java's watch service takes as long and
 * needs a thread too. The last 64 KiB are kept in memory; the file, where it has a limit, is emptied once it is that large, and what it
 * held replaces the file {@code NAME.1} beside it, so that at least half the limit is always there. Only this object does that: once it
 * is closed, or its JVM has gone, a file that is still written grows freely.
 *
 * <p>Where more than 64 MiB are unread, which no guest prints between two looks but a broken QEMU can make of the file at once, all but
 * the last 32 KiB of them are passed over, and a line in brackets says so in their place.
 *
 * <p>Each reader goes its own way through the console, never under the lock: a sink that blocks, or that closes the VM, holds up the
 * other sinks at most.
 */
public final class Console implements AutoCloseable {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ConsoleLog log;
    private final CompletableFuture<String> gone;
    private final UnaryOperator<FailureReport> completed;
    /** Fair, so that others come in between the slices of a long reading. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private final Condition changed = lock.newCondition();
    private final ConsoleText text = new ConsoleText();
    private final List<ConsoleReader> readers = new ArrayList<>();
    private boolean ended;
    private volatile String reason = "";

    private Console(
            Path file, long maxFileBytes, CompletionStage<String> gone, UnaryOperator<FailureReport> completed) {
        this.log = new ConsoleLog(file, maxFileBytes);
        this.gone = gone.toCompletableFuture();
        this.completed = completed;
    }

    /**
     * {@return a console that follows a file until it is closed}
     *
     * @param file the file; it need not be there yet
     * @param threads runs the one thread that reads it
     */
    public static Console follow(Path file, Executor threads) {
        return follow(file, threads, new CompletableFuture<>());
    }

    /**
     * {@return a console that follows a file until it is closed or the VM has gone}
     *
     * @param file the file; it need not be there yet
     * @param threads runs the one thread that reads it
     * @param gone completes, with a sentence, when nothing more will be written
     */
    public static Console follow(Path file, Executor threads, CompletionStage<String> gone) {
        return follow(file, threads, gone, 0, UnaryOperator.identity());
    }

    /**
     * {@return a console that follows a file until it is closed or the VM has gone}
     *
     * @param file the file; it need not be there yet
     * @param threads runs the one thread that reads it
     * @param gone completes, with a sentence, when nothing more will be written
     * @param maxFileBytes the file's limit; 0: it is read only. Whoever writes it must have opened it with {@code O_APPEND}, or its next
     *     byte comes after a hole. What is written between the last read and the emptying, usually microseconds, is lost; a pause of
     *     20 ms is waited for from half the limit on
     * @param completed adds to a failure's report what only the owner of the VM knows: QEMU's standard error and command line
     */
    public static Console follow(
            Path file,
            Executor threads,
            CompletionStage<String> gone,
            long maxFileBytes,
            UnaryOperator<FailureReport> completed) {
        Console console = new Console(file, maxFileBytes, gone, completed);
        threads.execute(console::poll);
        var unused =
                gone.whenComplete((sentence, failure) -> console.end(sentence == null ? "the VM has gone" : sentence));
        return console;
    }

    /**
     * {@return the last lines, the unfinished one included}
     *
     * @param lines how many at most; what is older than the kept 64 KiB is not among them
     */
    public List<String> tail(int lines) {
        List<String> all = text().lines().toList();
        return all.subList(Math.max(0, all.size() - lines), all.size());
    }

    /** {@return the last 64 KiB, decoded as UTF-8, without carriage returns} */
    public String text() {
        readOn();
        return locked(text::last);
    }

    /** {@return whether the kernel has said that it panicked} */
    public boolean panicked() {
        readOn();
        return locked(text::panicked);
    }

    /**
     * Waits for a line that holds a match, from the oldest kept line on: the console's first one until it has passed half its file's limit
     * (after the VM's end: from the last 64 KiB on). The unfinished last line counts too.
     *
     * @param pattern looked for within each line, without its end; anchors match at the line's ends
     * @param limit how long at most; nothing or less looks once
     * @return the line
     * @throws VmTimeoutException if none came within the limit
     * @throws VmExitedException if the VM went, or this console was closed, without one
     * @throws VmCancelledException if the calling thread is interrupted
     */
    public String awaitMatch(Pattern pattern, Duration limit) {
        long begin = System.nanoTime();
        CompletableFuture<String> found = new CompletableFuture<>();
        ConsoleReader reader = new ConsoleReader(
                line -> {
                    if (pattern.matcher(line).find()) {
                        found.complete(line);
                    }
                },
                true);
        try {
            while (true) {
                boolean last = hasEnded(); // asked before: what is read after the end is all there is
                deliver(reader);
                if (found.isDone()) {
                    return found.join();
                }
                if (last) {
                    throw new VmExitedException(
                            "nothing on the console matched " + pattern, report(pattern, begin, reason), null);
                }
                long left = limit.toNanos() - (System.nanoTime() - begin);
                if (left <= 0) {
                    throw new VmTimeoutException(
                            "nothing on the console matched " + pattern + " within " + limit.toMillis() + " ms",
                            report(pattern, begin, "the console's last lines"),
                            null);
                }
                pause(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VmCancelledException("interrupted", report(pattern, begin, "the console's last lines"), e);
        }
    }

    /**
     * Waits for the first byte.
     *
     * @param limit how long at most
     * @param gone ends the wait when it completes
     * @return whether there is one
     * @throws InterruptedException if the calling thread is interrupted
     */
    public boolean awaitFirstByte(Duration limit, CompletionStage<?> gone) throws InterruptedException {
        CompletableFuture<?> end = gone.toCompletableFuture();
        var unused = end.whenComplete((value, failure) -> wake());
        lock.lock();
        try {
            long left = limit.toNanos();
            readSlice();
            while (text.isEmpty() && !ended && !end.isDone() && left > 0) {
                long pause = Math.min(left, POLL_NANOS);
                left += changed.awaitNanos(pause) - pause;
                readSlice();
            }
            return !text.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands every line to a sink, from the oldest kept line on (see {@link #awaitMatch}), without its end.
     *
     * <p>Each line comes once and in order, cut after 64 KiB. All sinks share the console's one thread: one that blocks holds the others
     * up, and nothing else; what has left the file meanwhile is passed over. The last lines may come shortly after the VM's end or
     * {@link #close()}.
     *
     * @param sink is called on the console's thread (for the lines that are there already, on the calling one) and should not block;
     *     what it throws is logged, and it gets the next line all the same
     * @return ends that when it is closed, even from the sink; a line that is just handed over is not waited for
     */
    public Subscription onLine(Consumer<String> sink) {
        AtomicBoolean wanted = new AtomicBoolean(true);
        ConsoleReader reader = new ConsoleReader(
                line -> {
                    if (wanted.get()) {
                        guarded(sink, line);
                    }
                },
                false);
        deliver(reader);
        if (!added(reader)) {
            deliver(reader); // the last words, if they came since
        }
        return () -> {
            wanted.set(false);
            lock.lock();
            try {
                readers.remove(reader);
            } finally {
                lock.unlock();
            }
        };
    }

    /** {@return whether the console's thread will hand the reader what comes; after the end it does no longer} */
    private boolean added(ConsoleReader reader) {
        return locked(() -> !ended && readers.add(reader));
    }

    private static void guarded(Consumer<String> sink, String line) {
        try {
            sink.accept(line);
        } catch (Throwable e) { // whatever a user's sink throws, be it a failed assertion, the console goes on
            System.getLogger(Console.class.getName()).log(System.Logger.Level.WARNING, "a console sink failed", e);
        }
    }

    /** Ends what {@link Console#onLine} began. */
    @FunctionalInterface
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** Stops following the file, once what is in it by now is read, in some seconds at most; what was read stays, waits end. */
    @Override
    public void close() {
        // Whoever closes it because the VM has ended may be faster than the word that it did.
        boolean told = gone.isDone() && !gone.isCompletedExceptionally();
        end(told ? gone.join() : "the console was closed");
    }

    private void end(String sentence) {
        readOn(); // the last words, which are often the cause
        lock.lock();
        try {
            if (!ended) {
                readSlice();
                ended = true;
                reason = sentence;
                log.close();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean hasEnded() {
        return locked(() -> ended);
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for more, at most until the file is to be looked at again. */
    @SuppressWarnings("WaitNotInLoop") // all callers look again
    private void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            if (!ended) {
                var unused = changed.awaitNanos(Math.min(nanos, POLL_NANOS));
            }
        } finally {
            lock.unlock();
        }
    }

    private void poll() {
        try {
            boolean last = false;
            while (!last) {
                last = hasEnded();
                readOn();
                locked(() -> List.copyOf(readers)).forEach(this::deliver);
                pause(POLL_NANOS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the owner of the threads ends them
        }
    }

    /** Hands a reader what it has not seen of what is there now. Each reader is served by one thread at a time. */
    private void deliver(ConsoleReader reader) {
        readOn();
        long end = locked(text::bytes);
        while (reader.position() < end) {
            reader.take(next(reader));
        }
    }

    /** From memory, or, what is older, from the files; what is in none (they go with the VM) is passed over. */
    private ByteBuffer next(ConsoleReader reader) {
        lock.lock();
        try {
            long kept = text.firstKept();
            if (reader.position() >= kept) {
                return text.from(reader.position());
            }
            ByteBuffer older = log.older(reader.position(), kept);
            if (!older.hasRemaining()) {
                reader.skipTo(reader.position() < log.oldest() ? Math.min(kept, log.oldest()) : kept);
            }
            return older;
        } finally {
            lock.unlock();
        }
    }

    /** Reads what is there, without the lock held for longer than a slice takes; a file that grows for ever does not hold it up. */
    private void readOn() {
        boolean more = true;
        for (int slice = 0; more && slice < ConsoleLog.MOST_SLICES; slice++) {
            more = locked(this::readSlice);
        }
    }

    /** {@return whether there is more to be read} Under the lock. */
    private boolean readSlice() {
        if (!ended && log.readOn(text)) {
            changed.signalAll();
        }
        return !ended && log.isBehind();
    }

    private FailureReport report(Pattern pattern, long begin, String observation) {
        return completed.apply(new FailureReport(
                "wait for " + pattern + " on the console",
                Phase.RUNNING,
                Duration.ofNanos(System.nanoTime() - begin),
                observation,
                tail(25),
                List.of(),
                List.of(),
                ""));
    }
}
