/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What the messages of a server mean (QMP specification, "Server Responses"). Runs on the reader thread. */
final class Conversation {
    /**
     * QEMU holds events back until capabilities are negotiated, but clients report events ahead of the greeting all the same. So many are
     * skipped; whoever sends more does not speak QMP.
     */
    private static final int MAX_EVENTS_BEFORE_GREETING = 256;

    /** So many fit into an int. */
    private static final int MAX_ID_DIGITS = 9;

    private final PendingCalls pending;
    private final EventHub events;
    private final History history;
    private final Consumer<QmpGreeting> negotiate;
    private final CompletableFuture<QmpGreeting> ready = new CompletableFuture<>();
    private volatile Optional<QmpGreeting> greeting = Optional.empty();
    private int eventsBeforeGreeting;

    Conversation(PendingCalls pending, EventHub events, History history, Consumer<QmpGreeting> negotiate) {
        this.pending = pending;
        this.events = events;
        this.history = history;
        this.negotiate = negotiate;
    }

    void take(JsonValue value) {
        if (!(value instanceof JsonValue.Obj message)) {
            throw new QmpProtocolException("the server sent no object but " + JsonFormat.abbreviate(value));
        }
        if (greeting.isEmpty()) {
            takeBeforeGreeting(message);
        } else if (message.find("event").isPresent()) {
            takeEvent(message);
        } else if (message.find("return").isPresent() || message.find("error").isPresent()) {
            takeReply(message);
        } else {
            stray(message);
        }
    }

    private void takeBeforeGreeting(JsonValue.Obj message) {
        if (message.find("QMP").isPresent()) {
            QmpGreeting received = QmpGreeting.of(message);
            greeting = Optional.of(received);
            negotiate.accept(received);
        } else if (message.find("event").isPresent() && eventsBeforeGreeting++ < MAX_EVENTS_BEFORE_GREETING) {
            stray(message);
        } else {
            throw new QmpProtocolException("instead of a greeting the server sent " + JsonFormat.abbreviate(message));
        }
    }

    private void takeEvent(JsonValue.Obj message) {
        QmpEvent<JsonValue.Obj> event = QmpEvent.of(message);
        String data = event.data().members().isEmpty()
                ? ""
                : Redaction.redact(event.data()).toString();
        history.add(QmpHistoryEntry.Kind.EVENT, event.name(), JsonFormat.abbreviate(data));
        events.publish(event);
    }

    private void takeReply(JsonValue.Obj message) {
        // Before the call is taken: one that is taken and then not answered would wait for ever.
        Outcome outcome = outcomeOf(message);
        Optional<PendingCall> call = callOf(message);
        if (call.isEmpty()) {
            stray(message);
            return;
        }
        String id = "id " + call.get().id();
        if (outcome instanceof Outcome.Refused refused) {
            history.add(
                    QmpHistoryEntry.Kind.ERROR,
                    call.get().command(),
                    id + " " + refused.errorClass() + ": " + refused.desc());
        } else {
            history.add(QmpHistoryEntry.Kind.RETURN, call.get().command(), id);
        }
        call.get().outcome().complete(outcome);
    }

    private static Outcome outcomeOf(JsonValue.Obj message) {
        Optional<JsonValue> returned = message.find("return");
        if (returned.isPresent()) {
            return new Outcome.Returned(returned.get());
        }
        JsonValue.Obj error = message.object("error");
        return new Outcome.Refused(error.string("class"), error.string("desc"));
    }

    /** Errors of the JSON parser come without id. */
    private Optional<PendingCall> callOf(JsonValue.Obj message) {
        Optional<JsonValue> id = message.find("id");
        if (id.isEmpty()) {
            return pending.takeOldest();
        }
        // Ours are small integers. What else comes may be any number.
        if (id.get() instanceof JsonValue.Num number
                && number.isInteger()
                && number.value().signum() >= 0
                && number.value().precision() <= MAX_ID_DIGITS) {
            return pending.take(number.value().intValue());
        }
        return Optional.empty();
    }

    private void stray(JsonValue.Obj message) {
        history.add(
                QmpHistoryEntry.Kind.STRAY,
                String.join(",", message.members().keySet()),
                JsonFormat.abbreviate(Redaction.redact(message)));
    }

    /** Commands are allowed, or the capabilities were refused. */
    void negotiated(Outcome outcome) {
        if (outcome instanceof Outcome.Returned) {
            ready.complete(greeting.orElseThrow());
        } else if (outcome instanceof Outcome.Refused refused) {
            fail(new QmpProtocolException(
                    "QEMU refused qmp_capabilities: " + refused.errorClass() + ": " + refused.desc()));
        } else if (outcome instanceof Outcome.Lost lost) {
            fail(lost.reason());
        }
    }

    void fail(QmpException reason) {
        ready.completeExceptionally(reason);
    }

    CompletableFuture<QmpGreeting> ready() {
        return ready;
    }

    boolean greeted() {
        return greeting.isPresent();
    }
}
