/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.command.QmpCommands;
import dev.microvm.qmp.internal.transport.Limit;
import java.io.FileDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A QMP session with one QEMU.
 *
 * <p>Any number of threads may use it at the same time; QEMU answers in the order in which commands were sent. Every wait has a limit. An
 * interrupt ends the wait of the interrupted thread only, and a limit that passes ends that call only: the connection stays usable. Where
 * the monitor offers commands out of band, at most 7 of the others are on their way at a time; the rest wait in the client, and what was
 * given up by then is never sent.
 *
 * <p>The threads of a client are daemons: one reads, one writes and ends when idle, and one completes futures. Close the client to end them.
 */
public final class QmpClient implements AutoCloseable {
    private final QmpConnection connection;
    private final QmpGreeting greeting;
    private final QmpOptions options;
    private final Calls calls;
    private volatile @Nullable QmpCommands commands;
    private volatile @Nullable QmpSchema schema;
    private final QmpJobs jobs;

    QmpClient(QmpConnection connection, QmpGreeting greeting, QmpOptions options) {
        this.connection = connection;
        this.greeting = greeting;
        this.options = options;
        this.calls = new Calls(connection, greeting);
        this.jobs = new QmpJobs(this);
    }

    /**
     * Connects to a QEMU that listens, as with {@code -qmp unix:PATH,server=on,wait=off}. Prefer {@link QmpListener} where QEMU is
     * started by the same program: it needs no waiting for the socket.
     *
     * @param socket the socket file
     * @param options how to behave
     * @return the session, ready for commands
     * @throws QmpClosedException if nobody listens there by the end of {@link QmpOptions#socketWait()}, at once if this user may not
     *     connect there, if it is not {@link QmpOptions#expectedPeer()}, or the server leaves before the session is ready
     * @throws QmpProtocolException if what it says is no QMP, or it refuses the negotiation
     * @throws QmpErrorException with {@link QmpOptions#strictArguments()}, if QEMU refuses {@code query-qmp-schema}
     * @throws QmpUnsupportedException with {@link QmpOptions#strictArguments()}, if this QEMU does not know {@code query-qmp-schema}
     * @throws QmpTimeoutException if the session is not ready within {@link QmpOptions#connectTimeout()}
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws IllegalArgumentException if the path has more than 107 bytes, the kernel's limit; with {@link TransportKind#JDK} 106
     * @throws IllegalStateException if junixsocket was asked for and cannot be loaded, or {@link QmpOptions#expectedPeer()} cannot be checked
     */
    public static QmpClient connect(Path socket, QmpOptions options) {
        return Connecting.connect(socket, options);
    }

    /**
     * Returns every command as a method, for those who look for one with their editor. Its class, of some hundred methods, is loaded only
     * by this.
     *
     * @return the commands, sent by this client
     */
    public QmpCommands commands() {
        QmpCommands known = commands;
        if (known == null) {
            known = new QmpCommands(this);
            commands = known;
        }
        return known;
    }

    /**
     * Returns what can be done about jobs.
     *
     * @return the jobs of this QEMU
     */
    public QmpJobs jobs() {
        return jobs;
    }

    /**
     * Returns what this QEMU says of its own interface. It is asked once, which takes about 60 ms and some megabytes of heap; see
     * {@link #execute(QmpCommand)} for limit and exceptions.
     *
     * @return the schema
     */
    public QmpSchema schema() {
        return schema(options.commandTimeout());
    }

    private QmpSchema schema(Duration limit) {
        QmpSchema known = schema;
        if (known == null) {
            // Two threads may both ask; that costs time and does no harm, as a lock would that an interrupt cannot end.
            known = QmpSchema.of(execute(new RawCommand("query-qmp-schema", JsonValue.Obj.EMPTY), limit));
            schema = known;
        }
        return known;
    }

    void checkBySchema(Duration limit) {
        calls.checkBy(schema(limit));
    }

    /**
     * Tells whether this QEMU has a command; asks for the {@link #schema()}.
     *
     * @param command its name
     * @return true if it has
     */
    public boolean supports(String command) {
        return schema().hasCommand(command);
    }

    /**
     * Tells whether this QEMU has a command and knows all of its arguments; asks for the {@link #schema()}. See
     * {@link QmpSchema#problems} for what it lacks.
     *
     * @param command the command
     * @return true if it can be sent
     */
    public boolean supports(QmpCommand<?> command) {
        return schema().problems(command).isEmpty();
    }

    /**
     * Returns what QEMU said first.
     *
     * @return its version and capabilities
     */
    public QmpGreeting greeting() {
        return greeting;
    }

    /**
     * Sends a command and waits for its result, at most {@link QmpOptions#commandTimeout()}.
     *
     * @param command the command
     * @param <R> the type of the result
     * @return the result
     * @throws QmpErrorException if QEMU refuses the command
     * @throws QmpUnsupportedException if this QEMU does not know the command, or is known not to know an argument that it refuses
     * @throws QmpTimeoutException if there is no reply within the limit
     * @throws QmpClosedException if the connection is or gets closed; for {@code quit} an end by QEMU is success. The message tells a
     *     command that was never sent, and so may be tried again on another connection, from one that QEMU may have seen
     * @throws QmpCancelledException if the calling thread was interrupted; if it was so before, nothing is sent
     * @throws QmpProtocolException if the result has not the form the command expects
     */
    public <R> R execute(QmpCommand<R> command) {
        return execute(command, options.commandTimeout());
    }

    /**
     * Sends a command and waits for its result.
     *
     * @param command the command
     * @param limit how long to wait at most
     * @param <R> the type of the result
     * @return the result
     * @throws QmpErrorException if QEMU refuses the command
     * @throws QmpUnsupportedException if this QEMU does not know the command, or is known not to know an argument that it refuses
     * @throws QmpTimeoutException if there is no reply within the limit
     * @throws QmpClosedException if the connection is or gets closed; for {@code quit} an end by QEMU is success. The message tells a
     *     command that was never sent, and so may be tried again on another connection, from one that QEMU may have seen
     * @throws QmpCancelledException if the calling thread was interrupted; if it was so before, nothing is sent
     * @throws QmpProtocolException if the result has not the form the command expects
     */
    public <R> R execute(QmpCommand<R> command, Duration limit) {
        return calls.execute(command, limit);
    }

    /**
     * Sends a command out of band and waits for its result, at most {@link QmpOptions#commandTimeout()}. It overtakes the commands that
     * wait for QEMU's main loop, and is answered even when that hangs (QMP specification, "Out-of-band execution"). So that it gets
     * through, at most 7 other commands are on their way to QEMU at a time; more wait here.
     *
     * @param command the command
     * @param <R> the type of the result
     * @return the result
     * @throws QmpErrorException if QEMU refuses the command
     * @throws QmpUnsupportedException if this QEMU does not know the command, its monitor does not offer out-of-band commands, or they
     *     are switched off by {@link QmpOptions#outOfBand()}
     * @throws QmpTimeoutException if there is no reply within the limit
     * @throws QmpClosedException if the connection is or gets closed
     * @throws QmpCancelledException if the calling thread was interrupted; if it was so before, nothing is sent
     * @throws QmpProtocolException if the result has not the form the command expects
     */
    public <R> R executeOob(QmpOobCommand<R> command) {
        return calls.executeOob(command, options.commandTimeout());
    }

    /**
     * Sends a command together with a descriptor and waits for its result, at most {@link QmpOptions#commandTimeout()}. QEMU gets a
     * descriptor of its own, under the name of {@code getfd} or in the set of {@code add-fd}; the caller closes this one as before. Sets
     * end with the connection in QEMU 7.2 and survive it in 11.1.
     *
     * @param command {@code getfd} or {@code add-fd}, of at most 4096 bytes
     * @param descriptor an open one, such as {@link java.io.FileInputStream#getFD()}; it must stay open until this returns
     * @param <R> the type of the result
     * @return the result
     * @throws UnsupportedOperationException with {@link TransportKind#JDK}, whose sockets cannot pass descriptors
     * @throws IllegalArgumentException if it is another command or a longer one, or the descriptor is closed
     * @throws QmpErrorException if QEMU refuses the command
     * @throws QmpUnsupportedException if this QEMU does not know the command, or is known not to know an argument that it refuses
     * @throws QmpTimeoutException if there is no reply within the limit
     * @throws QmpClosedException if the connection is or gets closed, or the descriptor gets closed before it is sent
     * @throws QmpCancelledException if the calling thread was interrupted; if it was so before, nothing is sent
     * @throws QmpProtocolException if the result has not the form the command expects
     */
    public <R> R executeWithFd(QmpCommand<R> command, FileDescriptor descriptor) {
        return calls.executeWithFd(command, descriptor, options.commandTimeout());
    }

    /**
     * Sends a command and returns at once. The future fails with what {@link #execute(QmpCommand)} would throw, but for an interrupt, also
     * after {@link QmpOptions#commandTimeout()} and with what fails before anything is sent; nothing is thrown here. Cancelling it gives up the reply; the command only if its turn to be
     * sent has not come.
     *
     * <p>What is attached to the future without an executor of its own runs on the client's dispatcher thread; while it blocks, other
     * futures are not completed. Blocking calls and subscriptions do not depend on that thread.
     *
     * @param command the command
     * @param <R> the type of the result
     * @return the result to come
     */
    public <R> CompletableFuture<R> submit(QmpCommand<R> command) {
        return calls.submit(command, options.commandTimeout());
    }

    /**
     * Sends a command without arguments by its name; see {@link #execute(QmpCommand)} for limit and exceptions.
     *
     * @param name the command, such as {@code x-query-roms}
     * @return what QEMU returned
     */
    public JsonValue executeRaw(String name) {
        return executeRaw(name, JsonValue.Obj.EMPTY);
    }

    /**
     * Sends a command by its name; see {@link #execute(QmpCommand)} for limit and exceptions.
     *
     * @param name the command
     * @param arguments its arguments
     * @return what QEMU returned
     */
    public JsonValue executeRaw(String name, JsonValue.Obj arguments) {
        return execute(new RawCommand(name, arguments));
    }

    /**
     * Subscribes to one kind of event. Events that happened before are not delivered.
     *
     * @param type the kind of event
     * @param <T> the type of its data
     * @return the subscription; close it when it is no longer needed
     */
    public <T> EventSubscription<T> subscribe(QmpEventType<T> type) {
        return connection.events().subscribe(Optional.of(type), event -> event.as(type), options.eventQueueSize());
    }

    /**
     * Subscribes to every event, also to those this library does not know.
     *
     * @return the subscription; close it when it is no longer needed
     */
    public EventSubscription<JsonValue.Obj> subscribeAll() {
        return connection
                .events()
                .subscribe(Optional.<QmpEventType<JsonValue.Obj>>empty(), event -> event, options.eventQueueSize());
    }

    /** Subscribes to what a filter of this package lets through. */
    EventSubscription<JsonValue.Obj> subscribe(String what, Predicate<QmpEvent<JsonValue.Obj>> filter) {
        return connection.events().subscribe(what, filter, event -> event, options.eventQueueSize());
    }

    /**
     * Sends a command and waits for an event it causes. The events are watched from before the command is sent, for QEMU reports them
     * before it replies.
     *
     * @param command the command
     * @param type the kind of event
     * @param condition tells whether an event is the one
     * @param limit how long the command and the event may take together
     * @param <T> the type of the event's data
     * @return the first event that fits
     * @throws QmpErrorException if QEMU refuses the command
     * @throws QmpUnsupportedException if this QEMU does not know the command, or is known not to know an argument that it refuses
     * @throws QmpTimeoutException if the reply or the event does not come within the limit
     * @throws QmpClosedException if the connection is or gets closed before the event came
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws QmpProtocolException if the result or the event has not the expected form
     */
    public <T> QmpEvent<T> executeAndAwait(
            QmpCommand<?> command, QmpEventType<T> type, Predicate<? super QmpEvent<T>> condition, Duration limit) {
        long deadline = System.nanoTime() + Limit.nanos(limit);
        try (EventSubscription<T> subscription = subscribe(type)) {
            execute(command, limit);
            return subscription.await(condition, Duration.ofNanos(deadline - System.nanoTime()));
        }
    }

    /**
     * Tells when the connection has ended, for whatever reason, and every waiting call and subscription was told.
     *
     * @return a stage that always completes normally, on the dispatcher thread
     */
    public CompletionStage<Void> closed() {
        return connection.closed();
    }

    /**
     * Returns the process at the other end.
     *
     * @return its id as the kernel knows it; empty with {@link TransportKind#JDK}
     */
    public OptionalLong peerPid() {
        return connection.wire().peerPid();
    }

    /**
     * Returns what happened last on this connection, for diagnostics: at most 256 commands, replies and events. It stays readable after the
     * end.
     *
     * @return the entries, the oldest first
     */
    public List<QmpHistoryEntry> history() {
        return connection.history().entries();
    }

    /**
     * Ends the session; QEMU runs on. Every waiting call and subscription fails at once, and the threads are waited for, at most some
     * seconds. Closing again does nothing.
     */
    @Override
    public void close() {
        connection.close("the client was closed");
    }

    @Override
    public String toString() {
        return "QmpClient[" + connection.where() + ", QEMU " + greeting.version() + "]";
    }
}
