/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The lines to and from the control loop: one thread reads, and hands each answer to the call with its id. Of a line from the guest 64 KiB
 * are kept, the rest is thrown away.
 */
final class ControlConnection implements AutoCloseable {
    /** What waits for answers. Called on the reading thread, so it must not block. */
    interface Call {
        /** Takes an answer: {@code VERB ID REST}. */
        void answer(String verb, String rest);

        /** No answer will come any more. */
        void lost(String reason);
    }

    /** Far more than any answer has; the guest must not decide how much of the host's memory is used. */
    static final int LONGEST_LINE = 64 << 10;

    /** A QEMU that dies closes its sockets one after the other; this much later all are known to be closed. */
    private static final long FOLLOWS_MILLIS = 100;

    private final UnixConnection connection;
    private final Consumer<String> hello;
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final CompletableFuture<String> lost = new CompletableFuture<>();

    private ControlConnection(UnixConnection connection, Consumer<String> hello) {
        this.connection = connection;
        this.hello = hello;
    }

    /**
     * Takes over a connection.
     *
     * @param hello gets the line with which a loop begins, without its id
     * @param gone completes, with a sentence, when the VM has ended
     */
    static ControlConnection over(
            UnixConnection connection, Consumer<String> hello, CompletionStage<String> gone, Executor threads) {
        ControlConnection control = new ControlConnection(connection, hello);
        var unused = gone.whenComplete((reason, failure) -> control.lose(reason == null ? "the VM has gone" : reason));
        threads.execute(control::readAll);
        return control;
    }

    /** {@return a new id for a call that gets its answers from now on} */
    long register(Call call) {
        long id = ids.incrementAndGet();
        calls.put(id, call);
        String reason = lost.getNow("");
        if (!reason.isEmpty()) {
            calls.remove(id);
            call.lost(reason);
        }
        return id;
    }

    /** {@return why no answer comes any more; empty if the connection stands: a moment is given it to break after the other ones} */
    Optional<String> whyLost() {
        try {
            return Optional.of(lost.get(FOLLOWS_MILLIS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.ofNullable(lost.getNow(null));
        }
    }

    void forget(long id) {
        calls.remove(id);
    }

    /** Sends a line and does not wait: a connection that breaks is noticed by its reader. */
    void send(String line) {
        var unused = connection.enqueue(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    private void readAll() {
        Thread.currentThread().setName("microvm-control-reader");
        String reason = "QEMU closed the guest's control port";
        try {
            ByteBuffer buffer = ByteBuffer.allocate(16_384);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (connection.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    byte next = buffer.get();
                    if (next == '\n') {
                        take(line.toString(StandardCharsets.UTF_8));
                        line.reset();
                    } else if (line.size() < LONGEST_LINE) {
                        line.write(next);
                    }
                }
            }
        } catch (IOException e) {
            reason = "the connection to the guest's control port broke: " + e.getMessage();
        } finally {
            lose(reason);
        }
    }

    private void take(String line) {
        String[] parts = line.split(" ", 3);
        if (parts[0].equals("microvm")) {
            hello.accept(line.substring(parts[0].length()).strip());
            return;
        }
        try {
            Call call = parts.length < 2 ? null : calls.get(Long.parseLong(parts[1]));
            if (call != null) {
                call.answer(parts[0], parts.length < 3 ? "" : parts[2]);
            }
        } catch (NumberFormatException notOurs) {
            System.getLogger(ControlConnection.class.getName())
                    .log(System.Logger.Level.DEBUG, "the guest''s control port said: {0}", line);
        }
    }

    private void lose(String reason) {
        if (lost.complete(reason)) {
            for (Long id : List.copyOf(calls.keySet())) {
                Call call = calls.remove(id);
                if (call != null) {
                    call.lost(reason);
                }
            }
        }
    }

    @Override
    public void close() {
        lose("the host closed the guest control");
        connection.close();
    }
}
