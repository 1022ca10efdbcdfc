/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.guest.Console;
import dev.microvm.guest.GuestShell;
import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.image.ShellText;
import dev.microvm.internal.qemu.PortStream;
import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.qmp.internal.transport.UnixConnection;
import dev.microvm.qmp.internal.transport.UnixListener;
import dev.microvm.qmp.internal.transport.UnixTransport;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The host's end of guest control: listens for QEMU, waits for the loop in the guest, orders its steps, and runs commands. Every wait ends
 * at once when the VM or the connection goes.
 */
public final class GuestControl implements AutoCloseable {
    private static final String PROTOCOL = "1";

    /**
     * How a script ended.
     *
     * @param exitCode its exit code
     * @param output the lines it printed, each cut after 64 KiB; past 1000 lines or 1 MiB a last one tells how many were left out
     */
    public record ScriptResult(int exitCode, List<String> output) {
        /** Copies the list. */
        public ScriptResult {
            output = List.copyOf(output);
        }
    }

    private final UnixListener listener;
    private final Executor threads;
    private final CompletionStage<String> gone;
    private final Console console;
    private final ExecSlots slots;
    private final QemuPeer peer;
    private volatile CompletableFuture<String> hello = new CompletableFuture<>();
    private volatile @Nullable ControlConnection connection;

    private GuestControl(
            UnixListener listener,
            Executor threads,
            CompletionStage<String> gone,
            Console console,
            ExecSlots slots,
            QemuPeer peer) {
        this.listener = listener;
        this.threads = threads;
        this.gone = gone;
        this.console = console;
        this.slots = slots;
        this.peer = peer;
    }

    /**
     * Listens at the control socket, which must be done before QEMU starts.
     *
     * @param controlSocket where QEMU will connect
     * @param ports where QEMU listens for a stream of a slot
     * @param threads runs the reading threads; it must be able to run as many as are asked for
     * @param gone completes, with a sentence, when the VM has ended
     * @param console is quoted in failures
     * @throws IOException if the socket cannot be made
     */
    public static GuestControl listen(
            Path controlSocket,
            BiFunction<Integer, PortStream, Path> ports,
            Executor threads,
            CompletionStage<String> gone,
            Console console)
            throws IOException {
        // Nothing here needs junixsocket, and to load it takes 120 ms in a fresh JVM, during which no QEMU runs yet.
        UnixTransport transport = UnixTransport.choose(UnixTransport.Kind.JDK);
        return listen(controlSocket, ports, threads, gone, console, transport, OptionalLong::empty);
    }

    /**
     * As the other one, with a chosen transport and a check of who is at the other end of each connection.
     *
     * @param transport must know the peer's process id, or nothing is checked: the JDK's does not
     * @param qemuPid QEMU's process id, asked for at each connection; empty: not checked
     * @throws IOException if the socket cannot be made
     */
    public static GuestControl listen(
            Path controlSocket,
            BiFunction<Integer, PortStream, Path> ports,
            Executor threads,
            CompletionStage<String> gone,
            Console console,
            UnixTransport transport,
            Supplier<OptionalLong> qemuPid)
            throws IOException {
        QemuPeer peer = new QemuPeer(qemuPid);
        ExecSlots slots = new ExecSlots(QemuCommandLine.guestControlSlots(), ports, transport, threads, peer);
        return new GuestControl(transport.bind(controlSocket, "microvm-control"), threads, gone, console, slots, peer);
    }

    /**
     * Waits for QEMU's connection and for the loop's first word.
     *
     * @return the stage the loop runs in, {@code initramfs} or {@code root}
     * @throws TimeoutException if it did not come within the limit
     * @throws IOException if the VM ended, another process than QEMU connected, or the loop speaks another protocol
     * @throws InterruptedException if the calling thread is interrupted
     */
    public String awaitHello(Duration limit) throws IOException, InterruptedException, TimeoutException {
        long end = System.nanoTime() + limit.toNanos();
        if (connection == null) {
            try {
                UnixConnection accepted = peer.checked(listener.accept(limit, gone), "control");
                connection = ControlConnection.over(accepted, this::hello, gone, threads);
            } catch (SocketTimeoutException e) {
                throw timeout("QEMU did not connect to " + listener.socket(), limit, e);
            }
            var unused = gone.thenAccept(reason -> hello.completeExceptionally(new ControlLostException(reason)));
        }
        return awaitStage(Duration.ofNanos(end - System.nanoTime()), limit);
    }

    private void hello(String line) {
        hello.complete(line);
    }

    private String awaitStage(Duration left, Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        String line = await(hello, left, limit, "the guest's control loop said nothing");
        String[] words = line.split(" ", 2);
        if (!words[0].equals(PROTOCOL) || words.length < 2) {
            throw new IOException("the guest's control loop speaks protocol \"" + line + "\", this library " + PROTOCOL
                    + "; give the guest the loop of this library's version");
        }
        return words[1];
    }

    /**
     * Does a step of a mount plan.
     *
     * @throws StepFailedException if the guest could not do it, with what it said
     * @throws TimeoutException if it was not done within the limit
     * @throws IOException if the VM ended
     * @throws InterruptedException if the calling thread is interrupted
     */
    public void runStep(MountPlan.Step step, Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        if (step instanceof MountPlan.Enter enter) {
            enter(enter.root(), limit);
            return;
        }
        MountPlan.Run run = (MountPlan.Run) step;
        ScriptResult result = run(run.script(), limit);
        if (result.exitCode() != 0) {
            throw new StepFailedException(run.name(), result.exitCode(), result.output());
        }
    }

    /**
     * Runs a script in the control loop itself; nothing else is answered meanwhile, so it is for short ones.
     *
     * @throws TimeoutException if it has not ended within the limit
     * @throws IOException if the VM ended
     * @throws InterruptedException if the calling thread is interrupted
     */
    public ScriptResult run(String script, Duration limit) throws IOException, InterruptedException, TimeoutException {
        ScriptOutput output = new ScriptOutput();
        return ask("run", ShellText.encode(script), limit, (verb, rest, result) -> {
            if (verb.equals("out")) {
                output.take(rest);
            } else if (verb.equals("done")) {
                result.complete(new ScriptResult(Integer.parseInt(rest), output.lines()));
            }
        });
    }

    /**
     * Changes into a root and waits for the loop there.
     *
     * @throws TimeoutException if it has not begun within the limit
     * @throws IOException if the VM ended
     * @throws InterruptedException if the calling thread is interrupted
     */
    public void enter(String root, Duration limit) throws IOException, InterruptedException, TimeoutException {
        CompletableFuture<String> next = new CompletableFuture<>();
        hello = next;
        var unused = gone.thenAccept(reason -> next.completeExceptionally(new ControlLostException(reason)));
        // Its only answer is the next loop's first word.
        connected().send("enter 0 " + root);
        String stage = awaitStage(limit, limit);
        if (!stage.equals("root")) {
            throw new IOException("the guest was to enter " + root + ", but its loop says it is in \"" + stage + "\"");
        }
    }

    /**
     * {@return how long the loop takes to answer}
     *
     * @throws TimeoutException if it does not within the limit
     * @throws IOException if the VM ended
     * @throws InterruptedException if the calling thread is interrupted
     */
    public Duration ping(Duration limit) throws IOException, InterruptedException, TimeoutException {
        long begin = System.nanoTime();
        return ask("ping", "", limit, (verb, rest, result) -> {
            if (verb.equals("pong")) {
                result.complete(Duration.ofNanos(System.nanoTime() - begin));
            }
        });
    }

    /**
     * Asks the guest to write its caches out and power off; returns when it has begun to. QEMU's end follows.
     *
     * @throws TimeoutException if it does not answer within the limit
     * @throws IOException if the VM ended without an answer
     * @throws InterruptedException if the calling thread is interrupted
     */
    public void powerOff(Duration limit) throws IOException, InterruptedException, TimeoutException {
        int code = ask("power", "off", limit, (verb, rest, result) -> {
            if (verb.equals("done")) {
                result.complete(Integer.valueOf(rest));
            }
        });
        if (code != 0) {
            throw new IOException("the guest's control loop refused to power off, with code " + code);
        }
    }

    /** {@return what runs commands in the guest; usable once the loop has said its first word} */
    public GuestShell shell() {
        return shell(VmQuotes.none());
    }

    /** {@return what runs commands in the guest, whose failures quote more of the VM than its console} */
    public GuestShell shell(VmQuotes quotes) {
        return new ControlShell(this::connected, slots, threads, console, quotes);
    }

    private interface Answers<T> {
        void take(String verb, String rest, CompletableFuture<T> result);
    }

    private <T> T ask(String verb, String arguments, Duration limit, Answers<T> answers)
            throws IOException, InterruptedException, TimeoutException {
        ControlConnection to = connected();
        CompletableFuture<T> result = new CompletableFuture<>();
        long id = to.register(new ControlConnection.Call() {
            @Override
            public void answer(String answer, String rest) {
                if (answer.equals("unknown")) {
                    result.completeExceptionally(
                            new IOException("the guest's control loop does not know \"" + verb + "\""));
                } else {
                    answers.take(answer, rest, result);
                }
            }

            @Override
            public void lost(String reason) {
                result.completeExceptionally(new ControlLostException(reason));
            }
        });
        try {
            to.send((verb + " " + id + " " + arguments).stripTrailing());
            return await(result, limit, limit, "the guest did not answer \"" + verb + "\"");
        } finally {
            to.forget(id);
        }
    }

    private static <T> T await(CompletableFuture<T> future, Duration left, Duration limit, String what)
            throws IOException, InterruptedException, TimeoutException {
        try {
            return future.get(Math.max(0, left.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw timeout(what, limit, e);
        } catch (ExecutionException e) {
            throw new ControlLostException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        }
    }

    private static TimeoutException timeout(String what, Duration limit, Exception cause) {
        TimeoutException timeout = new TimeoutException(what + " within " + limit.toMillis() + " ms");
        timeout.initCause(cause);
        return timeout;
    }

    private ControlConnection connected() {
        ControlConnection current = connection;
        if (current == null) {
            throw new IllegalStateException("the guest's control loop has not said its first word yet");
        }
        return current;
    }

    /** Ends everything that waits, the commands' connections and the listener; the guest itself goes on. */
    @Override
    public void close() {
        ControlConnection current = connection;
        if (current != null) {
            current.close();
        }
        slots.close();
        listener.close();
    }
}
