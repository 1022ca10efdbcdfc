/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What a stream means, told a second time and without threads: how the session opens, how each command ends, how many events come. */
final class ExpectedSession {
    private static final int CAPABILITIES = -1;
    private static final int READ_BYTES = 16 << 10;

    /** Why the reader gave up; empty while it goes on. */
    private Optional<RuntimeException> fatal = Optional.empty();

    private boolean greeted;
    private boolean refused;
    private boolean ready;
    private boolean opens;
    private int eventsBeforeGreeting;
    private int events;
    private final Map<Integer, Integer> pending = new LinkedHashMap<>();
    private final Map<Integer, Outcome> outcomes = new TreeMap<>();

    /** Where in a stream commands are allowed, if they are; the end of the stream otherwise. */
    static int bytesBeforeCommands(FuzzedStream stream, long maxMessageBytes) throws IOException {
        ExpectedSession session = new ExpectedSession();
        JsonStream json = new JsonStream(maxMessageBytes);
        byte[] all = stream.bytes();
        int read = 0;
        while (read < all.length && !session.ready && session.goesOn()) {
            session.take(json, new byte[] {all[read++]});
        }
        return session.ready ? read : all.length;
    }

    /**
     * Reads a stream.
     *
     * @param before what is read before commands are sent, in the client's pieces: how lenient Jackson is with damaged JSON depends on them
     * @param after the rest
     */
    static ExpectedSession of(FuzzedStream stream, List<byte[]> before, List<byte[]> after, long maxMessageBytes)
            throws IOException {
        ExpectedSession session = new ExpectedSession();
        JsonStream json = new JsonStream(maxMessageBytes);
        session.take(json, before);
        session.opens = session.ready;
        if (session.opens) {
            for (int i = 0; i < stream.commands.size(); i++) {
                session.add(i);
            }
        }
        session.take(json, after);
        for (int command : session.pending.values()) {
            boolean quit = command >= 0 && stream.commands.get(command).equals("quit");
            if (quit && session.goesOn() && stream.ends) {
                session.outcomes.put(command, new Outcome.Returned(JsonValue.Obj.EMPTY));
            }
        }
        return session;
    }

    private void take(JsonStream json, List<byte[]> pieces) {
        for (byte[] piece : pieces) {
            for (int from = 0; from < piece.length && goesOn(); from += READ_BYTES) {
                take(json, Arrays.copyOfRange(piece, from, Math.min(piece.length, from + READ_BYTES)));
            }
        }
    }

    private void add(int command) {
        int id = 0;
        while (pending.containsKey(id)) {
            id++;
        }
        pending.put(id, command);
    }

    private void take(JsonStream json, byte[] bytes) {
        try {
            json.feed(bytes, bytes.length, this::take);
        } catch (RuntimeException e) {
            fatal = Optional.of(e);
        }
    }

    private void take(JsonValue value) {
        if (refused) {
            return;
        }
        if (!(value instanceof JsonValue.Obj message)) {
            throw new QmpProtocolException("no object");
        }
        Map<String, JsonValue> members = message.members();
        if (!greeted) {
            if (members.containsKey("QMP")) {
                QmpGreeting.of(message);
                greeted = true;
                add(CAPABILITIES);
            } else if (!members.containsKey("event") || eventsBeforeGreeting++ >= 256) {
                throw new QmpProtocolException("no greeting");
            }
        } else if (members.containsKey("event")) {
            message.string("event");
            if (members.containsKey("data")) {
                message.object("data");
            }
            events += opens ? 1 : 0;
        } else if (members.containsKey("return") || members.containsKey("error")) {
            takeReply(message);
        }
    }

    private void takeReply(JsonValue.Obj message) {
        Outcome outcome = outcomeOf(message);
        JsonValue id = message.members().get("id");
        Integer key = null;
        if (id == null && !pending.isEmpty()) {
            key = pending.keySet().iterator().next();
        } else if (id instanceof JsonValue.Num && id.toString().matches("\\d{1,9}")) {
            key = Integer.valueOf(id.toString());
        }
        if (key == null || !pending.containsKey(key)) {
            return;
        }
        int command = pending.remove(key);
        outcomes.put(command, outcome);
        if (command == CAPABILITIES) {
            ready = outcome instanceof Outcome.Returned;
            refused = !ready;
        }
    }

    private static Outcome outcomeOf(JsonValue.Obj message) {
        JsonValue returned = message.members().get("return");
        if (returned != null) {
            return new Outcome.Returned(returned);
        }
        JsonValue.Obj error = message.object("error");
        return new Outcome.Refused(error.string("class"), error.string("desc"));
    }

    /** Nothing in the stream ends the session. */
    boolean goesOn() {
        return fatal.isEmpty() && !refused;
    }

    /** Each of so many commands ends by what the stream says, without waiting for more. */
    boolean decides(int commands) {
        return !isUncertain()
                && (!goesOn()
                        || IntStream.range(0, commands)
                                .allMatch(each -> outcome(each).isPresent()));
    }

    /** The session opens, and commands are sent before the rest comes. */
    boolean opens() {
        return opens;
    }

    /** Nothing can be foretold: Jackson takes damaged JSON for good in some pieces and not in others. */
    boolean isUncertain() {
        return ready && !opens;
    }

    /** How a command ends; empty if no reply comes. */
    Optional<Outcome> outcome(int command) {
        return Optional.ofNullable(outcomes.get(command));
    }

    int events() {
        return events;
    }
}
