/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.internal.transport.Limit;
import java.io.FileDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The ways to send a command and to wait for it, and what its outcome means to the caller. */
final class Calls {
    /** The only ones that take a descriptor: with any other it would lie in QEMU until one of these takes it. */
    private static final List<String> TAKE_A_DESCRIPTOR = List.of("getfd", "add-fd");

    /** A page: it is written by one system call, with which the descriptor goes. */
    private static final int MOST_BYTES_WITH_DESCRIPTOR = 4096;

    private final QmpConnection connection;
    private final QmpGreeting greeting;
    private volatile @Nullable QmpSchema strict;

    Calls(QmpConnection connection, QmpGreeting greeting) {
        this.connection = connection;
        this.greeting = greeting;
    }

    <R> R execute(QmpCommand<R> command, Duration limit) {
        return execute(command, Outgoing.inBand(command), limit);
    }

    <R> R executeOob(QmpOobCommand<R> command, Duration limit) {
        if (!connection.outOfBand()) {
            throw new QmpUnsupportedException(
                    command.name(),
                    "the command '" + command.name() + "' out of band",
                    greeting.capabilities().contains("oob")
                            ? "commands out of band are switched off by QmpOptions.outOfBand"
                            : "this monitor offers no commands out of band",
                    List.of(),
                    greeting.version());
        }
        return execute(command, Outgoing.outOfBand(command), limit);
    }

    <R> R executeWithFd(QmpCommand<R> command, FileDescriptor descriptor, Duration limit) {
        if (!TAKE_A_DESCRIPTOR.contains(command.name())) {
            throw new IllegalArgumentException(
                    "'" + command.name() + "' takes no descriptor; " + String.join(" and ", TAKE_A_DESCRIPTOR) + " do");
        }
        if (!descriptor.valid()) {
            throw new IllegalArgumentException("the descriptor for '" + command.name() + "' is closed");
        }
        if (!connection.wire().canPassDescriptors()) {
            throw new UnsupportedOperationException("'" + command.name()
                    + "' needs a transport that passes descriptors: TransportKind.JUNIXSOCKET, not the JDK's sockets");
        }
        Outgoing outgoing = Outgoing.with(descriptor, command);
        if (outgoing.upToId().remaining() > MOST_BYTES_WITH_DESCRIPTOR) {
            throw new IllegalArgumentException("'" + command.name() + "' has "
                    + outgoing.upToId().remaining()
                    + " bytes, but a command with a descriptor must go in one piece of at most "
                    + MOST_BYTES_WITH_DESCRIPTOR);
        }
        return execute(command, outgoing, limit);
    }

    /** Waits in the calling thread, which the reader wakes directly: one change of threads less than by the dispatcher. */
    private <R> R execute(QmpCommand<R> command, Outgoing outgoing, Duration limit) {
        if (Thread.currentThread().isInterrupted()) {
            // As every blocking call of Java does; else it would depend on how fast the reply is.
            throw new QmpCancelledException(
                    "the thread was interrupted before '" + command.name() + "' was sent to " + connection.where(),
                    null);
        }
        requireSupported(command);
        PendingCall call = connection.send(outgoing);
        try {
            return result(command, call, call.outcome().get(Limit.nanos(limit), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw timeout(call, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            boolean withdrawn = connection.withdraw(call);
            throw new QmpCancelledException(
                    "interrupted while waiting for the " + (withdrawn ? "turn of" : "reply to") + " '" + call.command()
                            + "', asked for " + call.age().toMillis() + " ms ago"
                            + (withdrawn ? " and never sent; " : "; ")
                            + connection.situation(),
                    e);
        } catch (ExecutionException e) {
            throw new AssertionError("outcomes are values and never exceptions", e);
        }
    }

    <R> CompletableFuture<R> submit(QmpCommand<R> command, Duration limit) {
        CompletableFuture<R> future = new CompletableFuture<>();
        PendingCall call;
        try {
            requireSupported(command);
            call = connection.send(Outgoing.inBand(command));
        } catch (RuntimeException | Error e) {
            future.completeExceptionally(e);
            return future;
        }
        Runnable stopClock =
                connection.dispatcher().schedule(() -> future.completeExceptionally(timeout(call, limit)), limit);
        call.onOutcome(outcome -> connection.dispatcher().execute(() -> {
            stopClock.run();
            complete(future, command, call, outcome);
        }));
        var unused = future.whenComplete((result, failure) -> {
            if (failure instanceof CancellationException) {
                stopClock.run();
                connection.withdraw(call);
            }
        });
        return future;
    }

    private <R> void complete(CompletableFuture<R> future, QmpCommand<R> command, PendingCall call, Outcome outcome) {
        if (future.isDone()) {
            return;
        }
        try {
            future.complete(result(command, call, outcome));
        } catch (Throwable e) {
            // Whatever the command's reader does, an Error too: nobody else would end this future any more.
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
            throw refusal(call, refused);
        }
        QmpException reason = ((Outcome.Lost) outcome).reason();
        boolean sent = call.sent().get();
        throw new QmpClosedException(
                (sent ? "no reply to '" + call.command() + "'" : "'" + call.command() + "' was never sent")
                        + ", asked for " + call.age().toMillis() + " ms ago: " + reason.getMessage() + "; at "
                        + connection.where() + ", "
                        + connection.history().lastObserved(),
                reason);
    }

    private QmpException refusal(PendingCall call, Outcome.Refused refused) {
        Availability availability = new Availability(greeting.version());
        if (refused.errorClass().equals("CommandNotFound")) {
            return availability.command(call.command(), refused.desc());
        }
        Optional<QmpUnsupportedException> unsupported = refused.errorClass().equals("GenericError")
                ? availability.refused(call.command(), call.outgoing().message(), refused.desc())
                : Optional.empty();
        return unsupported.isPresent()
                ? unsupported.get()
                : new QmpErrorException(call.command(), refused.errorClass(), refused.desc());
    }

    /** From now on, checks each command by this schema before it is sent. */
    void checkBy(QmpSchema schema) {
        strict = schema;
    }

    private void requireSupported(QmpCommand<?> command) {
        QmpSchema schema = strict;
        if (schema == null) {
            return;
        }
        Availability availability = new Availability(greeting.version());
        for (ArgumentCheck.Problem problem : schema.check(command)) {
            String desc = "it was not sent, for by the schema of this QEMU " + problem.text();
            throw !schema.hasCommand(command.name())
                    ? availability.command(command.name(), desc)
                    : availability.argument(command.name(), problem.unknown(), desc);
        }
    }

    /** Ends a wait; a command whose turn has not come is not sent any more, when nobody expects it. */
    private QmpTimeoutException timeout(PendingCall call, Duration limit) {
        return new QmpTimeoutException(
                (connection.withdraw(call)
                                ? "'" + call.command() + "' could not be sent within " + limit
                                        + " and will not be, for those before it have no reply; "
                                : "no reply to '" + call.command() + "' (id " + call.id() + ") within " + limit + "; ")
                        + connection.situation(),
                null);
    }
}
