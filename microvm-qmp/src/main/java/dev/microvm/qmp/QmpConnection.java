/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.Limit;
import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection with its life: the reader thread, the calls that wait, the subscriptions, and the end of all of them at once.
 *
 * <p>The reader thread never runs code of a user and never waits for one. What it reads is matched to calls and events by
 * {@link Conversation}.
 */
final class QmpConnection {
    /** Enough for nearly every reply in one read, and little enough to have a client per VM. */
    private static final int READ_BYTES = 16 << 10;

    private static final String OUT_OF_BAND = "oob";

    /**
     * With more, QEMU stops to read, and no command could overtake them. The specification ("Out-of-band execution") says 8, but with the
     * 8th QEMU stops until it has begun the first, for which it waits when another monitor's command holds it up.
     */
    private static final int MAX_IN_BAND = 7;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private final UnixConnection wire;
    private final String where;
    private final QmpOptions options;
    private final PendingCalls pending = new PendingCalls();
    private final EventHub events = new EventHub();
    private final History history = new History();
    private final Dispatcher dispatcher;
    private final Traffic traffic;
    private final Outbox outbox;
    private final Conversation conversation;
    private final Thread reader;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicInteger stillSpeaking = new AtomicInteger(2);
    private final CompletableFuture<QmpException> end = new CompletableFuture<>();
    private volatile boolean outOfBand;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    QmpConnection(UnixConnection wire, String where, QmpOptions options) {
        this.wire = wire;
        this.where = where;
        this.options = options;
        String threadName = threadName(options);
        this.dispatcher = new Dispatcher(threadName + "-dispatcher");
        this.traffic = new Traffic(options, dispatcher);
        this.outbox = new Outbox(pending, wire, traffic, history);
        this.conversation = new Conversation(pending, events, history, this::negotiate);
        this.reader = new Thread(this::readUntilEnd, threadName + "-reader");
        reader.setDaemon(true);
    }

    static String threadName(QmpOptions options) {
        return "microvm-qmp-" + options.name();
    }

    /** Starts to read and waits until commands are allowed; closes everything if that fails. */
    QmpGreeting open(Duration limit) {
        boolean success = false;
        try {
            reader.start();
            QmpGreeting greeting = conversation.ready().get(Limit.nanos(limit), TimeUnit.NANOSECONDS);
            success = true;
            return greeting;
        } catch (TimeoutException e) {
            throw new QmpTimeoutException(
                    conversation.greeted()
                            ? "QEMU at " + where + " greeted, but did not answer qmp_capabilities within " + limit
                            : "no greeting from QEMU at " + where + " within " + limit
                                    + "; QEMU serves one client per socket, so perhaps another one is connected",
                    e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String message = "no QMP session at " + where + ": " + cause.getMessage();
            throw cause instanceof QmpProtocolException
                    ? new QmpProtocolException(message, cause)
                    : new QmpClosedException(message, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpCancelledException("interrupted while waiting for the greeting at " + where, e);
        } finally {
            if (!success) {
                close("the session could not be opened");
            }
        }
    }

    /** Sends a command, or lets it wait for its turn. */
    PendingCall send(Outgoing outgoing) {
        return outbox.send(outgoing).orElseThrow(() -> {
            QmpException reason = end.getNow(new QmpClosedException("the connection is closing", null));
            return new QmpClosedException(
                    "cannot send '" + outgoing.command() + "' to " + where + ": " + reason.getMessage(), reason);
        });
    }

    /** Takes back a command whose turn has not come; false if it was sent. */
    boolean withdraw(PendingCall call) {
        return outbox.withdraw(call);
    }

    private void negotiate(QmpGreeting greeting) {
        boolean enable = options.outOfBand() && greeting.capabilities().contains(OUT_OF_BAND);
        JsonValue.Obj arguments = enable
                ? JsonValue.Obj.of("enable", new JsonValue.Arr(List.of(new JsonValue.Str(OUT_OF_BAND))))
                : JsonValue.Obj.EMPTY;
        send(Outgoing.inBand(new RawCommand("qmp_capabilities", arguments))).onOutcome(outcome -> {
            if (enable && outcome instanceof Outcome.Returned) {
                pending.limitInBand(MAX_IN_BAND);
                outOfBand = true;
            }
            conversation.negotiated(outcome);
        });
    }

    /** Tells whether commands can overtake others here. */
    boolean outOfBand() {
        return outOfBand;
    }

    private void readUntilEnd() {
        QmpException reason;
        try {
            reason = new QmpClosedException("QEMU closed the connection", null);
            JsonStream stream = new JsonStream(options.maxReplyBytes());
            ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
            while (wire.read(buffer) >= 0) {
                stream.feed(buffer.array(), buffer.position(), message -> {
                    traffic.tell(QmpTraffic.Direction.RECEIVED, () -> message);
                    conversation.take(message);
                    outbox.sendWhatIsDue();
                });
                buffer.clear();
            }
        } catch (IOException e) {
            reason = new QmpClosedException("QEMU broke the connection: " + e.getMessage(), e);
        } catch (QmpException e) {
            reason = e;
        } catch (RuntimeException | Error e) {
            reason = new QmpProtocolException("the reader failed: " + e, e);
        }
        endWith(reason, !(reason instanceof QmpProtocolException));
        // Here, and not in whoever ended the connection, which may be a thread that must not wait.
        wire.close();
        leave();
    }

    /** The end of everything, by whoever comes first. An end by QEMU is what {@code quit} asked for. */
    private void endWith(QmpException reason, boolean byServer) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        end.complete(reason);
        for (PendingCall call : pending.close()) {
            call.outcome()
                    .complete(
                            byServer && call.command().equals("quit")
                                    ? new Outcome.Returned(JsonValue.Obj.EMPTY)
                                    : new Outcome.Lost(reason));
        }
        events.fail(reason);
        conversation.fail(reason);
        wire.shutdown();
        leave();
    }

    /** The reader and who ended the connection have both nothing more to say: only then may the dispatcher end, or they would do its work. */
    private void leave() {
        if (stillSpeaking.decrementAndGet() == 0) {
            dispatcher.endAfter(() -> closed.complete(null));
        }
    }

    /** Ends the connection and tells everybody, without waiting for any of its threads. */
    void end(String why) {
        endWith(new QmpClosedException(why, null), false);
    }

    /** Ends the connection and waits for its threads, except for the one that calls. */
    void close(String why) {
        end(why);
        boolean interrupted = Thread.interrupted();
        try {
            if (Thread.currentThread() != reader) {
                reader.join(CLOSE_LIMIT.toMillis());
            }
            if (!dispatcher.isCurrentThread() && !dispatcher.awaitEnd(CLOSE_LIMIT)) {
                System.getLogger(QmpClient.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "the dispatcher of a closed QMP client is still busy; something attached to a future blocks it");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    String where() {
        return where;
    }

    /** What is known beyond a call itself, for messages. */
    String situation() {
        int unsent = pending.unsent();
        return pending.size() + " commands pending" + (unsent == 0 ? "" : ", of which " + unsent + " not sent yet,")
                + " at " + where + "; " + history.lastObserved();
    }

    EventHub events() {
        return events;
    }

    History history() {
        return history;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    UnixConnection wire() {
        return wire;
    }

    CompletionStage<Void> closed() {
        return closed.minimalCompletionStage();
    }
}
