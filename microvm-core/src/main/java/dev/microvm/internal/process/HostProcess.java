/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program on the host that this JVM started: its id, its streams, its end. The only class that uses Commons Exec, with
 * {@link WatchedExecutor} and {@link ProcessStreams}. Programs that must not outlive the JVM belong under a {@link Lifeline}.
 *
 * <p>Each one costs three daemon threads while it runs: one waits, two read.
 */
public final class HostProcess implements AutoCloseable {
    /** Starting a program takes milliseconds; the limit is for a machine that is swapping. */
    private static final Duration LAUNCH_LIMIT = Duration.ofSeconds(30);

    /** From SIGKILL to the end: only a process in uninterruptible sleep takes longer, and waiting does not help it. */
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

    private final ProcessRequest request;
    private final ProcessStreams streams;
    private final ReleasableProcess process;
    private final CompletableFuture<ProcessExit> exit;

    private HostProcess(
            ProcessRequest request,
            ProcessStreams streams,
            ReleasableProcess process,
            CompletableFuture<ProcessExit> exit) {
        this.request = request;
        this.streams = streams;
        this.process = process;
        this.exit = exit;
    }

    /**
     * Starts a program and returns when it is running.
     *
     * @throws UncheckedIOException if it cannot be run: it is not there, or not executable; the message says so
     * @throws InterruptedException if the calling thread is interrupted; the program is then killed
     */
    public static HostProcess start(ProcessRequest request) throws InterruptedException {
        return start(request, true);
    }

    /**
     * Starts a program and returns when it is running.
     *
     * @param interruptibly false: an interrupt is left in the thread's flag and the program is not killed
     * @throws UncheckedIOException if it cannot be run: it is not there, or not executable; the message says so
     * @throws InterruptedException if the calling thread is interrupted and that counts; the program is then killed
     */
    static HostProcess start(ProcessRequest request, boolean interruptibly) throws InterruptedException {
        ProcessStreams streams = new ProcessStreams(request);
        WatchedExecutor executor = new WatchedExecutor(request, streams);
        long begin = System.nanoTime();
        try {
            executor.start();
            if (!interruptibly && !Awaiting.done(executor.launched(), LAUNCH_LIMIT)) {
                throw new TimeoutException();
            }
            ReleasableProcess process = executor.launched().get(LAUNCH_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            CompletableFuture<ProcessExit> exit = executor.code()
                    .thenApply(code -> new ProcessExit(
                            request.command(),
                            code,
                            new byte[0],
                            streams.stderrTail().lines(),
                            Duration.ofNanos(System.nanoTime() - begin),
                            false));
            return new HostProcess(request, streams, process, exit);
        } catch (InterruptedException e) {
            killWhenLaunched(executor);
            throw e;
        } catch (TimeoutException e) {
            killWhenLaunched(executor);
            throw cannotRun(
                    request, new IOException("it was not started within " + LAUNCH_LIMIT.toSeconds() + " s", e));
        } catch (ExecutionException e) {
            throw cannotRun(request, Awaiting.cause(e));
        } catch (IOException e) {
            throw cannotRun(request, e);
        }
    }

    private static void killWhenLaunched(WatchedExecutor executor) {
        // A stage nobody holds: it acts when, and if, the program comes up after all.
        CompletionStage<Void> ignored = executor.launched().thenAccept(Process::destroyForcibly);
    }

    private static UncheckedIOException cannotRun(ProcessRequest request, Throwable reason) {
        String program = request.command().get(0);
        String message = "cannot run \"" + program + "\": " + reason.getMessage()
                + (program.indexOf('/') < 0 ? " (PATH is " + System.getenv("PATH") + ")" : "");
        return new UncheckedIOException(
                message, reason instanceof IOException io ? io : new IOException(reason.getMessage(), reason));
    }

    /**
     * Runs a program to its end with empty standard input.
     *
     * @param command the program and its arguments, passed as they are
     * @param environment variables added to those of this JVM
     * @param limit how long it may take; then it is killed, with its descendants
     * @return how it ended, whatever the code; standard output is captured and held in memory
     * @throws UncheckedIOException if it cannot be run
     * @throws InterruptedException if the calling thread is interrupted; the program is then killed, with its descendants
     */
    public static ProcessExit run(List<String> command, Map<String, String> environment, Duration limit)
            throws InterruptedException {
        return run(command, environment, limit, new byte[0]);
    }

    /**
     * Runs a program to its end.
     *
     * @param command the program and its arguments, passed as they are
     * @param environment variables added to those of this JVM
     * @param limit how long it may take; then it is killed, with its descendants
     * @param stdin its standard input; a program that does not read it all is no failure
     * @return how it ended, whatever the code; standard output is captured and held in memory
     * @throws UncheckedIOException if it cannot be run
     * @throws InterruptedException if the calling thread is interrupted; the program is then killed, with its descendants
     */
    public static ProcessExit run(List<String> command, Map<String, String> environment, Duration limit, byte[] stdin)
            throws InterruptedException {
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        HostProcess process =
                start(ProcessRequest.of(command).withEnvironment(environment).withStdout(captured));
        process.feed(stdin);
        boolean timedOut = false;
        ProcessExit end;
        try {
            end = process.exit.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            timedOut = true;
            end = process.killTree();
        } catch (InterruptedException e) {
            process.killTree();
            throw e;
        } catch (ExecutionException e) {
            throw cannotRun(process.request, Awaiting.cause(e));
        }
        return new ProcessExit(
                end.command(), end.code(), captured.toByteArray(), end.stderrTail(), end.elapsed(), timedOut);
    }

    /** In a thread of its own: a program may write before it reads, and both pipes hold only 64 KiB. */
    private void feed(byte[] stdin) {
        Runnable write = () -> {
            try (OutputStream to = process.getOutputStream()) {
                to.write(stdin);
            } catch (IOException e) {
                // It ended or closed its input before it had read everything, which is its right.
            }
        };
        if (stdin.length == 0) {
            write.run();
        } else {
            ProcessStreams.daemon(request.name() + "-stdin", write).start();
        }
    }

    private ProcessExit killTree() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return Awaiting.uninterruptibly(exit, KILL_LIMIT)
                .orElseThrow(() -> new IllegalStateException(
                        "process " + pid() + " (\"" + request.command().get(0) + "\") did not end within "
                                + KILL_LIMIT.toSeconds() + " s of SIGKILL"));
    }

    /** {@return its process id} */
    public long pid() {
        return process.pid();
    }

    /** {@return its standard input; closing it is its end of file} */
    public OutputStream stdin() {
        return process.getOutputStream();
    }

    /** {@return whether it has not ended yet} */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** {@return the last lines of its standard error so far, at most 50} */
    public List<String> stderrTail() {
        return streams.stderrTail().lines();
    }

    /**
     * {@return a stage that completes when it has ended and its output has been read; never after {@link #release()}} Dependents
     * run on the thread that waited and should not block.
     */
    public CompletionStage<ProcessExit> onExit() {
        return exit.minimalCompletionStage();
    }

    /**
     * Sends SIGTERM, waits, sends SIGKILL where that was not enough. Returns when it has ended, at the latest 5 s after SIGKILL. An
     * interrupt makes it send SIGKILL at once; the flag is set again.
     *
     * @param grace how long it may take to end by itself; zero: no SIGTERM, SIGKILL at once
     */
    public void stop(Duration grace) {
        if (grace.isZero()) {
            process.destroyForcibly();
            Awaiting.uninterruptibly(exit, KILL_LIMIT);
            return;
        }
        process.destroy();
        boolean interrupted = false;
        try {
            exit.get(grace.toMillis(), TimeUnit.MILLISECONDS);
            return;
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (TimeoutException e) {
            // the next rung
        } catch (ExecutionException e) {
            return;
        }
        process.destroyForcibly();
        Awaiting.uninterruptibly(exit, KILL_LIMIT);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets it go: it lives on, and nothing of this JVM waits for it or reads from it any more once it has closed its output. */
    public void release() {
        process.release();
    }

    /** Ends it as {@link #stop} does, with a grace of 2 s; nothing happens where it has ended or was let go. */
    @Override
    public void close() {
        if (!exit.isDone() && !process.isReleased()) {
            stop(Duration.ofSeconds(2));
        }
    }
}
