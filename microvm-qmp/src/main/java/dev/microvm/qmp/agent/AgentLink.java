/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpCancelledException;
import dev.microvm.qmp.QmpClosedException;
import dev.microvm.qmp.QmpErrorException;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpTimeoutException;
import dev.microvm.qmp.QmpUnsupportedException;
import dev.microvm.qmp.internal.transport.UnixConnection;
import dev.microvm.qmp.internal.transport.UnixTransport;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Speaks with an agent: one command at a time, and nothing is sent before both sides agree where in the stream they are. */
final class AgentLink {
    /** How long the first try to synchronise may take; each further one gets twice the time of the one before. */
    private static final Duration FIRST_TRY = Duration.ofMillis(500);

    private static final Duration LONGEST_TRY = Duration.ofSeconds(8);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final byte[] RESET = {(byte) 0xFF};

    private final Path socket;
    private final QmpOptions options;
    private final UnixTransport transport;
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile @Nullable AgentStream stream;
    private volatile boolean closed;
    private final AtomicInteger connections = new AtomicInteger();
    private boolean synced;
    private long nextId = 1;

    /** What is done when it is this thread's turn. */
    private interface Exchange<T> {
        T run(long deadline) throws InterruptedException;
    }

    AgentLink(Path socket, QmpOptions options) {
        this.socket = socket;
        this.options = options;
        this.transport = UnixTransport.choose(
                UnixTransport.Kind.valueOf(options.transport().name()), options.expectedPeer());
    }

    /** Sends a command and returns what the agent returns. */
    JsonValue execute(String command, JsonValue.Obj arguments, Duration limit) {
        return inTurn("no reply to '" + command + "'", limit, deadline -> {
            AgentStream agent = synchronise(deadline, limit);
            long id = nextId++;
            // Until the reply is there: should it not come in time, it must not be taken for the next command's.
            synced = false;
            send(agent, command, arguments, id);
            JsonValue.Obj reply = awaitReply(agent, id, deadline);
            if (reply == null) {
                throw new QmpTimeoutException("no reply to '" + command + "' from " + this + " within " + limit, null);
            }
            synced = true;
            return result(command, reply);
        });
    }

    /**
     * Sends a command that is not answered when it succeeds, and then asks for a sign of life: an error comes before it. Silence and an
     * end are what to expect of a guest that goes down.
     */
    void tell(String command, JsonValue.Obj arguments, Duration limit) {
        inTurn("'" + command + "' may not have arrived", limit, deadline -> {
            AgentStream agent = synchronise(deadline, limit);
            long id = nextId++;
            synced = false;
            send(agent, command, arguments, id);
            // Not the delimited form: its 0xFF is answered with an error that has no id, as old agents' errors have
            // none.
            send(agent, "guest-sync", JsonValue.Obj.EMPTY.with("id", randomId()), id);
            try {
                JsonValue.Obj reply = awaitReply(agent, id, deadline);
                if (reply != null) {
                    result(command, reply);
                }
            } catch (QmpClosedException e) {
                disconnect();
            }
            return true;
        });
    }

    /** Makes sure that the agent is there and listens, even if that is known already. */
    void sync(Duration limit) {
        inTurn("not synchronised", limit, deadline -> {
            synced = false;
            return synchronise(deadline, limit);
        });
    }

    private <T> T inTurn(String failure, Duration limit, Exchange<T> exchange) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            if (!turn.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new QmpTimeoutException(
                        failure + " within " + limit + ": " + this + " is busy with other commands", null);
            }
            try {
                return exchange.run(deadline);
            } catch (QmpClosedException e) {
                disconnect();
                throw new QmpClosedException(failure + " from " + this + ": " + e.getMessage(), e);
            } finally {
                turn.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpCancelledException(failure + " from " + this + ": interrupted", e);
        }
    }

    /**
     * Synchronises, if need be, and asks again on the same connection for as long as it lasts: while another client is served, each
     * further connection would stay in the agent's queue, which has room for one or two.
     */
    private AgentStream synchronise(long deadline, Duration limit) throws InterruptedException {
        Duration patience = FIRST_TRY;
        for (int tries = 1; ; tries++) {
            AgentStream agent = connected(deadline, limit);
            String failure = "it does not answer guest-sync-delimited";
            try {
                if (synced || answersSync(agent, Math.min(deadline, System.nanoTime() + patience.toNanos()))) {
                    synced = true;
                    return agent;
                }
            } catch (QmpClosedException e) {
                failure = e.getMessage();
                disconnect();
                Thread.sleep(PAUSE.toMillis());
            }
            if (deadline - System.nanoTime() <= 0) {
                throw notThere(limit, "after " + tries + " tries: " + failure, null);
            }
            patience = patience.multipliedBy(2).compareTo(LONGEST_TRY) < 0 ? patience.multipliedBy(2) : LONGEST_TRY;
        }
    }

    private QmpTimeoutException notThere(Duration limit, String why, @Nullable Throwable cause) {
        return new QmpTimeoutException(
                this + " is not there within " + limit + ", " + why
                        + ". Does the agent run in the guest? It serves one client at a time, so perhaps another one is connected",
                cause);
    }

    private static boolean answersSync(AgentStream agent, long deadline) throws InterruptedException {
        long id = randomId();
        agent.send(RESET);
        send(agent, "guest-sync-delimited", JsonValue.Obj.EMPTY.with("id", id), 0);
        JsonValue wanted = JsonValue.Num.of(id);
        boolean delimited = false;
        // What comes before the delimiter is for somebody else, and what comes after may be for an earlier try.
        for (String line = agent.take(deadline); line != null; line = agent.take(deadline)) {
            if (line.equals(AgentStream.DELIMITER)) {
                delimited = true;
            } else if (delimited) {
                if (parse(line).find("return").filter(wanted::equals).isPresent()) {
                    return true;
                }
                delimited = false;
            }
        }
        return false;
    }

    private static long randomId() {
        return ThreadLocalRandom.current().nextLong(1, Integer.MAX_VALUE);
    }

    /** The reply to a command; null if none comes in time. */
    private JsonValue.@Nullable Obj awaitReply(AgentStream agent, long id, long deadline) throws InterruptedException {
        boolean delimited = false;
        for (String line = agent.take(deadline); line != null; line = agent.take(deadline)) {
            if (line.equals(AgentStream.DELIMITER)) {
                delimited = true;
            } else if (delimited) {
                // The late answer to an earlier synchronisation.
                delimited = false;
            } else {
                JsonValue.Obj reply = parse(line);
                // Old agents send no ids.
                if (reply.find("id").orElse(JsonValue.Num.of(id)).equals(JsonValue.Num.of(id))) {
                    return reply;
                }
            }
        }
        return null;
    }

    private JsonValue result(String command, JsonValue.Obj reply) {
        if (reply.find("error").isPresent()) {
            JsonValue.Obj error = reply.object("error");
            String errorClass = error.string("class");
            throw errorClass.equals("CommandNotFound")
                    ? new QmpUnsupportedException(toString(), command, error.string("desc"))
                    : new QmpErrorException(toString(), command, errorClass, error.string("desc"));
        }
        return reply.find("return")
                .orElseThrow(() -> new QmpProtocolException(
                        this + " answered '" + command + "' with neither return nor error", null));
    }

    private static JsonValue.Obj parse(String line) {
        try {
            if (JsonValue.parse(line) instanceof JsonValue.Obj message) {
                return message;
            }
        } catch (IllegalArgumentException e) {
            throw new QmpProtocolException("the guest agent sent something that is not JSON: " + e.getMessage(), e);
        }
        throw new QmpProtocolException("the guest agent sent no object", null);
    }

    private static void send(AgentStream agent, String command, JsonValue.Obj arguments, long id) {
        JsonValue.Obj message = JsonValue.Obj.EMPTY.with("execute", command);
        if (!arguments.members().isEmpty()) {
            message = message.with("arguments", arguments);
        }
        if (id > 0) {
            message = message.with("id", id);
        }
        // QEMU's agent needs no line end, but others read by lines.
        agent.send((message + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private AgentStream connected(long deadline, Duration limit) throws InterruptedException {
        AgentStream present = stream;
        if (present != null && !present.hasEnded()) {
            return present;
        }
        disconnect();
        String threadName = "microvm-qga-" + options.name();
        long waitUntil = System.nanoTime() + options.socketWait().toNanos();
        while (true) {
            requireOpen();
            try {
                Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
                UnixConnection wire = transport.connect(socket, left, threadName);
                if (!UnixTransport.admits(wire, options.expectedPeer())) {
                    throw new QmpClosedException(
                            "refused " + UnixTransport.peer(wire) + ": it is not expected there", null);
                }
                AgentStream made = new AgentStream(wire, options.maxReplyBytes(), threadName);
                connections.incrementAndGet();
                stream = made;
                if (closed) {
                    made.close();
                }
                return made;
            } catch (SocketTimeoutException e) {
                throw notThere(limit, String.valueOf(e.getMessage()), e);
            } catch (IOException e) {
                if (System.nanoTime() - waitUntil >= 0 || System.nanoTime() - deadline >= 0) {
                    throw new QmpClosedException(
                            "nobody listens there (looked for " + options.socketWait() + "): " + e.getMessage(), e);
                }
                Thread.sleep(PAUSE.toMillis());
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new QmpClosedException("the guest agent was closed", null);
        }
    }

    private void disconnect() {
        synced = false;
        AgentStream old = stream;
        stream = null;
        if (old != null) {
            old.close();
        }
    }

    /** How often it has connected: another connection may lead to another agent. */
    int connections() {
        return connections.get();
    }

    /** Ends the connection for good; whoever waits is told at once. */
    void close() {
        closed = true;
        AgentStream open = stream;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public String toString() {
        return "the guest agent at " + socket;
    }
}
