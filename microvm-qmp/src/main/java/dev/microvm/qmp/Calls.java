/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The two ways to wait for a call, and what its outcome means to the caller. */
final class Calls {
    private final QmpConnection connection;
    private final QmpGreeting greeting;

    Calls(QmpConnection connection, QmpGreeting greeting) {
        this.connection = connection;
        this.greeting = greeting;
    }

    /** Waits in the calling thread, which the reader wakes directly: one change of threads less than by the dispatcher. */
    <R> R execute(QmpCommand<R> command, Duration limit) {
        if (Thread.currentThread().isInterrupted()) {
            // As every blocking call of Java does; else it would depend on how fast the reply is.
            throw new QmpCancelledException(
                    "the thread was interrupted before '" + command.name() + "' was sent to " + connection.where(),
                    null);
        }
        PendingCall call = connection.send(command);
        try {
            return result(command, call, call.outcome().get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw timeout(call, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpCancelledException(
                    "interrupted while waiting for the reply to '" + call.command() + "', sent "
                            + call.age().toMillis() + " ms ago; " + connection.situation(),
                    e);
        } catch (ExecutionException e) {
            throw new AssertionError("outcomes are values and never exceptions", e);
        }
    }

    <R> CompletableFuture<R> submit(QmpCommand<R> command, Duration limit) {
        CompletableFuture<R> future = new CompletableFuture<>();
        PendingCall call;
        try {
            call = connection.send(command);
        } catch (QmpClosedException e) {
            future.completeExceptionally(e);
            return future;
        }
        Runnable stopClock =
                connection.dispatcher().schedule(() -> future.completeExceptionally(timeout(call, limit)), limit);
        call.onOutcome(outcome -> connection.dispatcher().execute(() -> {
            stopClock.run();
            complete(future, command, call, outcome);
        }));
        return future;
    }

    private <R> void complete(CompletableFuture<R> future, QmpCommand<R> command, PendingCall call, Outcome outcome) {
        if (future.isDone()) {
            return;
        }
        try {
            future.complete(result(command, call, outcome));
        } catch (RuntimeException e) {
            future.completeExceptionally(e);
        }
    }

    private <R> R result(QmpCommand<R> command, PendingCall call, Outcome outcome) {
        if (outcome instanceof Outcome.Returned returned) {
            try {
                return command.read(QmpReader.of(returned.value()));
            } catch (QmpProtocolException e) {
                throw new QmpProtocolException(
                        "QEMU " + greeting.version() + " returned something unexpected for '" + call.command() + "': "
                                + e.getMessage(),
                        e);
            }
        }
        if (outcome instanceof Outcome.Refused refused) {
            throw refused.errorClass().equals("CommandNotFound")
                    ? new QmpUnsupportedException(
                            call.command(), refused.desc(), greeting.version().toString())
                    : new QmpErrorException(call.command(), refused.errorClass(), refused.desc());
        }
        QmpException reason = ((Outcome.Lost) outcome).reason();
        throw new QmpClosedException(
                "no reply to '" + call.command() + "', sent " + call.age().toMillis() + " ms ago: "
                        + reason.getMessage() + "; at " + connection.where() + ", "
                        + connection.history().lastObserved(),
                reason);
    }

    private QmpTimeoutException timeout(PendingCall call, Duration limit) {
        return new QmpTimeoutException(
                "no reply to '" + call.command() + "' (id " + call.id() + ") within " + limit + "; "
                        + connection.situation(),
                null);
    }
}
