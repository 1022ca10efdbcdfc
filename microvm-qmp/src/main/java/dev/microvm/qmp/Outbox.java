/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.FileDescriptor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Sends commands when their turn has come. The order of ids and of bytes is the same, which replies without id count on. */
final class Outbox {
    private final PendingCalls pending;
    private final UnixConnection wire;
    private final Traffic traffic;
    private final History history;
    private final Object sending = new Object();

    Outbox(PendingCalls pending, UnixConnection wire, Traffic traffic, History history) {
        this.pending = pending;
        this.wire = wire;
        this.traffic = traffic;
        this.history = history;
    }

    /** Sends a command, or keeps it until its turn comes; empty when the connection has ended. */
    Optional<PendingCall> send(Outgoing outgoing) {
        synchronized (sending) {
            Optional<PendingCall> call = pending.add(outgoing);
            sendWhatIsDue();
            return call;
        }
    }

    /** Takes back a command whose turn has not come; false if it was sent. */
    boolean withdraw(PendingCall call) {
        boolean withdrawn = pending.withdraw(call);
        if (withdrawn) {
            sendWhatIsDue();
        }
        return withdrawn;
    }

    /** To be called after each reply, on the reader thread; it waits for nothing but a moment of others who send. */
    void sendWhatIsDue() {
        synchronized (sending) {
            for (Optional<PendingCall> due = pending.nextToSend(); due.isPresent(); due = pending.nextToSend()) {
                write(due.get());
            }
        }
    }

    private void write(PendingCall call) {
        ByteBuffer message = call.outgoing().bytes(call.id());
        ByteBuffer toShow = message.duplicate();
        traffic.tell(
                QmpTraffic.Direction.SENT,
                () -> JsonValue.parse(StandardCharsets.UTF_8.decode(toShow).toString()));
        history.add(QmpHistoryEntry.Kind.COMMAND, call.command(), "id " + call.id());
        // A write that fails is no end: who does not read any more may have said much before. The reader finds the end.
        if (call.outgoing().descriptor().isEmpty()) {
            wire.enqueue(message);
        } else {
            FileDescriptor descriptor = call.outgoing().descriptor().get();
            var unused = wire.enqueue(message, descriptor).whenComplete((done, failure) -> {
                if (failure != null) {
                    call.sent().set(message.position() > 0);
                    notSent(call, failure);
                }
            });
        }
    }

    /** A descriptor that was closed meanwhile keeps its command from being sent, and the connection stays. */
    private void notSent(PendingCall call, Throwable failure) {
        pending.take(call.id());
        call.outcome()
                .complete(new Outcome.Lost(
                        new QmpClosedException("the descriptor could not be sent: " + failure.getMessage(), failure)));
        sendWhatIsDue();
    }
}
