/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.microvm.qmp.internal.transport.UnixConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The law: whatever a server sends, opening the session and each of its commands ends within its limit, with the right answer or with a
 * documented exception, and nothing is left running.
 */
final class FuzzedSession {
    static final long MAX_MESSAGE = 200_000;
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(15);

    private final FuzzedStream stream;
    private final ExpectedSession expected;
    private final QmpOptions options;
    /** Whether opening the session, and whether its commands, must end by themselves and not by their limit. */
    private final boolean openingEnds;

    private final boolean commandsEnd;

    FuzzedSession(FuzzedStream stream, ExpectedSession expected, String name) {
        this.stream = stream;
        this.expected = expected;
        this.openingEnds = stream.ends || expected.opens() || (!expected.isUncertain() && !expected.goesOn());
        this.commandsEnd = stream.ends || expected.decides(stream.commands.size());
        this.options = QmpOptions.builder()
                .name(name)
                .transport(TransportKind.JDK)
                .connectTimeout(openingEnds ? LONG : SHORT)
                .commandTimeout(commandsEnd ? LONG : SHORT)
                .maxReplyBytes(MAX_MESSAGE)
                .eventQueueSize(4)
                .build();
    }

    QmpOptions options() {
        return options;
    }

    /** Plays the session over a connection to the server. */
    void play(UnixConnection wire) throws InterruptedException {
        QmpConnection connection = new QmpConnection(wire, "memory", options);
        play(() -> new QmpClient(connection, connection.open(options.connectTimeout()), options));
    }

    /** How the client comes to its session. */
    interface Opening {
        QmpClient open();
    }

    void play(Opening opening) throws InterruptedException {
        QmpClient client;
        try {
            client = opening.open();
        } catch (QmpException e) {
            documented(e, openingEnds);
            // A session that is open may end before the thread that waits for it looks.
            assertThat(expected.opens()).as("opens, but: %s", e).isFalse();
            return;
        }
        try (client;
                EventSubscription<JsonValue.Obj> events = client.subscribeAll()) {
            List<Optional<Object>> results = execute(client);
            if (expected.isUncertain()) {
                return;
            }
            assertThat(expected.opens()).as("opens").isTrue();
            for (int i = 0; i < results.size(); i++) {
                check(i, results.get(i));
            }
            if (stream.ends) {
                check(events);
            }
        }
    }

    /** All but the last at once, the last one waiting: a value or an exception of each. */
    private List<Optional<Object>> execute(QmpClient client) throws InterruptedException {
        List<CompletableFuture<JsonValue>> futures = new ArrayList<>();
        int last = stream.commands.size() - 1;
        for (String command : stream.commands.subList(0, last)) {
            futures.add(client.submit(new RawCommand(command, JsonValue.Obj.EMPTY)));
        }
        Object lastResult;
        try {
            lastResult = client.executeRaw(stream.commands.get(last));
        } catch (QmpException e) {
            lastResult = documented(e, commandsEnd);
        }
        List<Optional<Object>> results = new ArrayList<>();
        for (CompletableFuture<JsonValue> future : futures) {
            results.add(Optional.of(result(future)));
        }
        results.add(Optional.of(lastResult));
        return results;
    }

    private Object result(CompletableFuture<JsonValue> future) throws InterruptedException {
        try {
            return future.get(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return fail("a future never completes", e);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(QmpException.class);
            return documented((QmpException) e.getCause(), commandsEnd);
        }
    }

    private static QmpException documented(QmpException e, boolean mustEnd) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            assertThat(cause.getMessage() == null ? "" : cause.getMessage())
                    .as("a failure that nobody thought of: %s", e)
                    .doesNotContain("the reader failed");
        }
        if (e instanceof QmpTimeoutException) {
            assertThat(mustEnd)
                    .as("waits although the server has said all or left: %s", e)
                    .isFalse();
        }
        return e;
    }

    private void check(int command, Optional<Object> result) {
        Object actual = result.orElseThrow();
        Outcome wanted = expected.outcome(command).orElse(null);
        if (actual instanceof QmpTimeoutException) {
            // Some command is never answered, and all are given so little time that even a right answer may be late.
            assertThat(commandsEnd).isFalse();
        } else if (wanted instanceof Outcome.Returned returned) {
            assertThat(actual).as("command %s", command).isEqualTo(returned.value());
        } else if (wanted instanceof Outcome.Refused refused) {
            assertThat(actual)
                    .as("command %s", command)
                    .isInstanceOf(
                            refused.errorClass().equals("CommandNotFound")
                                    ? QmpUnsupportedException.class
                                    : QmpErrorException.class);
        } else {
            assertThat(actual).as("command %s", command).isInstanceOf(QmpClosedException.class);
        }
    }

    /** Every event was delivered or counted, and the end is told. */
    private void check(EventSubscription<JsonValue.Obj> events) {
        long seen = 0;
        while (true) {
            try {
                events.await(LONG);
                seen++;
            } catch (QmpClosedException e) {
                documented(e, true);
                break;
            }
        }
        assertThat(seen + events.lost()).as("events").isEqualTo(expected.events());
    }
}
