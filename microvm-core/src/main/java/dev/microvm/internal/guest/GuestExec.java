/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestProcess;
import dev.microvm.internal.image.ShellText;
import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One command in one slot. It is over when the guest has told its exit code and both streams have come to their nonce, in whatever
 * order; then the slot is given back.
 */
final class GuestExec implements GuestProcess, ControlConnection.Call, OutputSink.Listener {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final Duration TERM_GRACE = Duration.ofSeconds(2);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(8);
    private static final Pattern SIGNAL = Pattern.compile("[A-Z0-9]+");
    private static final int NONCE_BYTES = 16;

    private final ExecRequest request;
    private final ControlConnection control;
    private final ExecSlots slots;
    private final ExecSlot slot;
    private final Executor threads;
    private final ExecFailures failures;
    private final String nonce;
    private final OutputSink stdout;
    private final OutputSink stderr;
    private final CompletableFuture<Boolean> accepted = new CompletableFuture<>();
    private final CompletableFuture<ExecResult> result = new CompletableFuture<>();
    private final Queue<CompletableFuture<Boolean>> signals = new ConcurrentLinkedQueue<>();
    private final long begin = System.nanoTime();
    private volatile long id;
    private volatile long pid;
    private @Nullable UnixConnection input;
    private @Nullable Throwable failure;
    private @Nullable PortLostException brokenPort;
    private int exitCode = -1;
    private int openStreams = 2;
    private boolean abandoned;
    private boolean released;

    GuestExec(
            ExecRequest request,
            ControlConnection control,
            ExecSlots slots,
            ExecSlot slot,
            Executor threads,
            ExecFailures failures,
            SecureRandom random) {
        this.request = request;
        this.control = control;
        this.slots = slots;
        this.slot = slot;
        this.threads = threads;
        this.failures = failures;
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        this.nonce = HexFormat.of().formatHex(bytes);
        this.stdout = new OutputSink(request.stdoutLines(), request.stdoutTo(), request.maxCapturedBytes(), this);
        this.stderr = new OutputSink(request.stderrLines(), request.stderrTo(), request.maxCapturedBytes(), this);
    }

    /** Sends the command to the guest; the slot is given back whatever becomes of it. */
    void begin() throws IOException, InterruptedException {
        boolean sent = false;
        try {
            slot.expect(nonce.getBytes(StandardCharsets.US_ASCII), stdout, stderr);
            if (request.stdin().isPresent()) {
                input = slot.connectInput();
            }
            sent = true;
        } finally {
            if (!sent) {
                release(slots::release);
            }
        }
        id = control.register(this);
        control.send("exec " + id + " " + slot.number() + " " + (input == null ? "-" : "i") + " " + nonce + " "
                + ShellText.encode(ExecScript.of(request)));
        synchronized (this) {
            if (brokenPort != null) {
                killForBrokenPort();
            }
        }
    }

    /**
     * {@return whether the guest runs it; false if the slot's ports are held by another process}
     *
     * @throws TimeoutException if the guest does not say so in time; the command is killed as soon as it runs
     */
    boolean awaitAccepted(long nanos) throws IOException, InterruptedException, TimeoutException {
        boolean known = false;
        try {
            boolean answer = accepted.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
            known = true;
            return answer;
        } catch (ExecutionException e) {
            known = true;
            throw new ControlLostException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        } finally {
            if (!known) {
                abandon();
            }
        }
    }

    private synchronized void abandon() {
        abandoned = true;
        if (pid != 0) {
            var unused = sendSignal("KILL");
        }
    }

    @Override
    public void answer(String verb, String rest) {
        switch (verb) {
            case "started" -> started(Long.parseLong(rest));
            case "exit" -> exited(Integer.parseInt(rest));
            case "busy" -> {
                control.forget(id);
                release(slots::setAside);
                accepted.complete(false);
            }
            case "sent", "gone" -> {
                CompletableFuture<Boolean> waiting = signals.poll();
                if (waiting != null) {
                    waiting.complete(verb.equals("sent"));
                }
            }
            default ->
                System.getLogger(GuestExec.class.getName())
                        .log(System.Logger.Level.DEBUG, "unexpected answer to an exec: {0} {1}", verb, rest);
        }
    }

    private synchronized void started(long process) {
        pid = process;
        accepted.complete(true);
        if (abandoned) {
            var unused = sendSignal("KILL");
        }
        if (input != null) {
            UnixConnection to = input;
            threads.execute(
                    () -> new InputFeeder(to, nonce).feed(request.stdin().orElseThrow(), this::userFailed));
        }
    }

    private synchronized void exited(int code) {
        exitCode = code;
        // A shell that could not even be started says nothing else.
        accepted.complete(true);
        finishIfOver();
    }

    @Override
    public synchronized void streamEnded() {
        openStreams--;
        if (openStreams == 0) {
            closeInput();
        }
        finishIfOver();
    }

    /** Where the VM ends, the control connection is lost too and tells it; where it answers the signal, only the port has broken. */
    @Override
    public synchronized void streamLost(String reason) {
        brokenPort = new PortLostException(reason);
        if (id != 0) {
            killForBrokenPort();
        }
    }

    private void killForBrokenPort() {
        var unused = sendSignal("KILL").thenRun(this::endWithoutPort);
    }

    /** The guest cannot say "exit" before it has written to the port that broke; the slot is connected anew. */
    private synchronized void endWithoutPort() {
        if (brokenPort != null) {
            control.forget(id);
            release(slots::release);
            accepted.complete(true);
            result.completeExceptionally(failure == null ? brokenPort : failure);
            endSignals();
        }
    }

    @Override
    public void sinkFailed(Throwable thrown) {
        userFailed(thrown);
    }

    private synchronized void userFailed(Throwable thrown) {
        if (failure == null) {
            failure = thrown;
            var unused = sendSignal("KILL");
        }
    }

    private void finishIfOver() {
        if (exitCode < 0 || openStreams > 0) {
            return;
        }
        control.forget(id);
        release(slots::release);
        if (failure != null) {
            result.completeExceptionally(failure);
        } else {
            result.complete(resultSoFar(exitCode));
        }
        endSignals();
    }

    private ExecResult resultSoFar(int code) {
        return ExecResult.of(
                        request.command(),
                        code,
                        stdout.kept(),
                        stderr.kept(),
                        Duration.ofNanos(System.nanoTime() - begin))
                .withDroppedBytes(stdout.dropped() + stderr.dropped());
    }

    @Override
    public synchronized void lost(String reason) {
        ControlLostException end = new ControlLostException(reason);
        accepted.completeExceptionally(end);
        if (result.completeExceptionally(failure == null ? end : failure)) {
            release(slots::release);
        }
        endSignals();
    }

    private synchronized void endSignals() {
        for (CompletableFuture<Boolean> waiting = signals.poll(); waiting != null; waiting = signals.poll()) {
            waiting.complete(false);
        }
    }

    private synchronized void release(Consumer<ExecSlot> how) {
        if (released) {
            return;
        }
        released = true;
        closeInput();
        how.accept(slot);
    }

    /** The guest does not say "exit" before: what it has not read by now nobody will read. */
    private void closeInput() {
        if (input != null) {
            // Closing waits for the connection's writing thread, so not on a thread that reads.
            threads.execute(input::close);
        }
    }

    @Override
    public List<String> command() {
        return request.command();
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public boolean isAlive() {
        return !result.isDone();
    }

    @Override
    public CompletionStage<ExecResult> onExit() {
        // Not on the thread that reads: what is attached may well run the next command.
        return result.handleAsync(
                        (ended, thrown) -> {
                            if (thrown != null) {
                                throw failures.failed(request, resultSoFar(-1), thrown);
                            }
                            return ended;
                        },
                        threads)
                .minimalCompletionStage();
    }

    @Override
    public ExecResult await(Duration limit) {
        return awaitUntil(System.nanoTime() + limit.toNanos(), limit);
    }

    /** Waits until a point in time; a failure names the limit that led to it. */
    ExecResult awaitUntil(long end, Duration limit) {
        try {
            return result.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw failures.timedOut(request, "had not ended", limit, resultSoFar(-1), e);
        } catch (InterruptedException e) {
            throw failures.cancelled(request, resultSoFar(-1), e);
        } catch (ExecutionException e) {
            throw failures.failed(request, resultSoFar(-1), e.getCause());
        }
    }

    @Override
    public boolean signal(String name) {
        if (!SIGNAL.matcher(name).matches()) {
            throw new IllegalArgumentException("signal = " + name + ": must be a name without SIG, such as TERM");
        }
        CompletableFuture<Boolean> sent = sendSignal(name);
        try {
            return sent.get(ANSWER_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw failures.timedOut(request, "did not get the signal " + name, ANSWER_LIMIT, resultSoFar(-1), e);
        } catch (InterruptedException e) {
            throw failures.cancelled(request, resultSoFar(-1), e);
        } catch (ExecutionException e) {
            throw failures.failed(request, resultSoFar(-1), e.getCause());
        }
    }

    /** Answers come in the order of the requests, so both must be in the same order. */
    private synchronized CompletableFuture<Boolean> sendSignal(String name) {
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        if (result.isDone()) {
            sent.complete(false);
        } else {
            signals.add(sent);
            control.send("signal " + id + " " + name);
        }
        return sent;
    }

    /** Sends SIGTERM and does not wait. */
    void terminate() {
        var unused = sendSignal("TERM");
    }

    @Override
    public void close() {
        if (result.isDone()) {
            return;
        }
        try {
            terminate();
            if (!hasEnded(TERM_GRACE)) {
                var unused = sendSignal("KILL");
                if (!hasEnded(KILL_LIMIT)) {
                    System.getLogger(GuestExec.class.getName())
                            .log(System.Logger.Level.WARNING, "guest command {0} outlives SIGKILL", request.command());
                }
            }
        } catch (InterruptedException e) {
            var unused = sendSignal("KILL");
            Thread.currentThread().interrupt();
        }
    }

    private boolean hasEnded(Duration limit) throws InterruptedException {
        try {
            result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
        return true;
    }

    @Override
    public String toString() {
        return "GuestProcess[" + request.command() + ", pid " + pid + ", " + (isAlive() ? "running" : "ended") + "]";
    }
}
