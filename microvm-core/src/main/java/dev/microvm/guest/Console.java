/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmTimeoutException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The guest's serial console, read from the file that QEMU writes, while it grows. Thread-safe.
 *
 * <p>The file is looked at every 10 ms by one thread: a file tells nobody that it grows, and Java's watch service takes as long and
 * needs a thread too. The whole console stays in the file; the last 64 KiB are kept in memory.
 */
public final class Console implements AutoCloseable {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Path file;
    private final UnaryOperator<FailureReport> completed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ConsoleText text = new ConsoleText();
    private final List<ConsoleReader> readers = new ArrayList<>();
    private boolean ended;
    private String reason = "";
    private @Nullable FileChannel channel;

    private Console(Path file, UnaryOperator<FailureReport> completed) {
        this.file = file;
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
        return follow(file, threads, gone, UnaryOperator.identity());
    }

    /**
     * {@return a console that follows a file until it is closed or the VM has gone}
     *
     * @param file the file; it need not be there yet
     * @param threads runs the one thread that reads it
     * @param gone completes, with a sentence, when nothing more will be written
     * @param completed adds to a failure's report what only the owner of the VM knows: QEMU's standard error and command line
     */
    public static Console follow(
            Path file, Executor threads, CompletionStage<String> gone, UnaryOperator<FailureReport> completed) {
        Console console = new Console(file, completed);
        threads.execute(console::poll);
        var unused =
                gone.whenComplete((sentence, failure) -> console.end(sentence == null ? "the VM has gone" : sentence));
        return console;
    }

    /** {@return the last lines, the unfinished one included} */
    public List<String> tail(int lines) {
        List<String> all = text().lines().toList();
        return all.subList(Math.max(0, all.size() - lines), all.size());
    }

    /** {@return the last 64 KiB, decoded as UTF-8, without carriage returns} */
    public String text() {
        lock.lock();
        try {
            return text.last();
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether the kernel has said that it panicked} */
    public boolean panicked() {
        lock.lock();
        try {
            return text.panicked();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a line that holds a match, from the console's first line on (after the VM's end: from the last 64 KiB on); the unfinished
     * last line counts too.
     *
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
        lock.lock();
        try {
            add(reader);
            long left = limit.toNanos();
            while (!found.isDone()) {
                if (ended) {
                    throw new VmExitedException(
                            "nothing on the console matched " + pattern, report(pattern, begin, reason), null);
                }
                if (left <= 0) {
                    throw new VmTimeoutException(
                            "nothing on the console matched " + pattern + " within " + limit.toMillis() + " ms",
                            report(pattern, begin, "the console's last lines"),
                            null);
                }
                left = changed.awaitNanos(left);
            }
            return found.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VmCancelledException("interrupted", report(pattern, begin, "the console's last lines"), e);
        } finally {
            readers.remove(reader);
            lock.unlock();
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
            while (text.isEmpty() && !ended && !end.isDone() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !text.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands every line to a sink, from the console's first line on, without its end.
     *
     * @param sink is called on the console's thread (for the lines that are there already, on the calling one) and must not block;
     *     what it throws is logged
     * @return ends that when it is closed
     */
    public Subscription onLine(Consumer<String> sink) {
        ConsoleReader reader = new ConsoleReader(line -> guarded(sink, line), false);
        lock.lock();
        try {
            add(reader);
        } finally {
            lock.unlock();
        }
        return () -> {
            lock.lock();
            try {
                readers.remove(reader);
            } finally {
                lock.unlock();
            }
        };
    }

    private static void guarded(Consumer<String> sink, String line) {
        try {
            sink.accept(line);
        } catch (RuntimeException e) { // whatever a user's sink throws, the console goes on
            System.getLogger(Console.class.getName()).log(System.Logger.Level.WARNING, "a console sink failed", e);
        }
    }

    /** Ends what {@link Console#onLine} began. */
    @FunctionalInterface
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** Stops following the file; what was read stays, waits end. */
    @Override
    public void close() {
        end("the console was closed");
    }

    private void end(String sentence) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                reason = sentence;
                readOn(); // the last words, which are often the cause
                closeChannel();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeChannel() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            unreadable(e);
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

    private void poll() {
        lock.lock();
        try {
            while (!ended) {
                readOn();
                var unused = changed.awaitNanos(POLL_NANOS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the owner of the threads ends them
        } finally {
            lock.unlock();
        }
    }

    /** Brings a reader up to where the others are, through a channel of its own: the other one may be closed by now. */
    private void add(ConsoleReader reader) {
        try (FileChannel once = FileChannel.open(file, StandardOpenOption.READ)) {
            boolean unused = read(once, 0, text.bytes(), reader::take);
        } catch (NoSuchFileException notYetOrNotAnyMore) {
            // The file goes with the VM; what is kept in memory stays.
            reader.take(ByteBuffer.wrap(text.last().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            unreadable(e);
        }
        readers.add(reader);
    }

    private void readOn() {
        try {
            if (channel == null || !channel.isOpen()) { // an interrupt of the thread that reads closes it
                channel = FileChannel.open(file, StandardOpenOption.READ);
            }
            boolean grown = read(channel, text.bytes(), Long.MAX_VALUE, chunk -> {
                text.take(chunk.duplicate());
                readers.forEach(reader -> reader.take(chunk.duplicate()));
            });
            if (grown) {
                changed.signalAll();
            }
        } catch (NoSuchFileException notYetThere) {
            // looked for again at the next turn
        } catch (IOException e) {
            unreadable(e);
        }
    }

    private static boolean read(FileChannel from, long begin, long end, Consumer<ByteBuffer> sink) throws IOException {
        long size = Math.min(end, from.size());
        if (size <= begin) {
            return false;
        }
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        long position = begin;
        int count = 0;
        while (position < size && count >= 0) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), size - position));
            count = from.read(buffer, position);
            if (count > 0) {
                position += count;
                sink.accept(buffer.flip());
            }
        }
        return position > begin;
    }

    private void unreadable(IOException e) {
        System.getLogger(Console.class.getName())
                .log(System.Logger.Level.WARNING, "the console " + file + " cannot be read", e);
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
