/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.internal.transport.MemoryChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A caller that reads its own reply is no danger to the others. */
class ReadingTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int COMMANDS = 2000;

    private final List<MemoryChannel.Part> parts = new ArrayList<>();
    private final Set<Thread> readers = ConcurrentHashMap.newKeySet();

    ReadingTest() {
        say(
                0,
                "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}, \"package\": \"\"},"
                        + " \"capabilities\": []}}");
        say(1, "{\"return\": {}, \"id\": 0}");
    }

    private void say(int afterWrites, String text) {
        parts.add(new MemoryChannel.Part((text + "\r\n").getBytes(StandardCharsets.UTF_8), afterWrites));
    }

    /** Replies to so many commands that are sent one after the other, after that of the negotiation. */
    private void reply(int commands) {
        for (int i = 0; i < commands; i++) {
            say(2 + i, "{\"return\": " + i + ", \"id\": 0}");
        }
    }

    private QmpClient connect(Runnable beforeEachRead) {
        QmpOptions options =
                QmpOptions.builder().name("reading").commandTimeout(LONG).build();
        QmpConnection connection = new QmpConnection(
                MemoryChannel.connect(parts, MemoryChannel.End.SILENCE, "microvm-qmp-reading", () -> {
                    readers.add(Thread.currentThread());
                    beforeEachRead.run();
                }),
                "memory",
                options);
        return new QmpClient(connection, connection.open(LONG), options);
    }

    private static JsonValue execute(QmpClient client) {
        return client.executeRaw("x");
    }

    @Test
    void letsACallerReadTheReplyToItsNextCommand() {
        reply(COMMANDS);
        try (QmpClient client = connect(() -> {})) {
            for (int i = 0; i < COMMANDS; i++) {
                assertThat(execute(client)).isEqualTo(JsonValue.Num.of(i));
            }
        }
        assertThat(readers).contains(Thread.currentThread()).hasSize(2);
    }

    @Test
    void endsTheWaitOfACallerThatIsInterruptedWhileItReadsAndNothingElse() {
        int commands = 200;
        for (int i = 0; i < commands; i++) {
            // The reply to every tenth comes with that to the next. Without id, for who gives up leaves the next one
            // another id.
            say(
                    2 + i + (i % 10 == 9 ? 1 : 0),
                    "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no " + i + "\"}}");
        }
        Thread caller = Thread.currentThread();
        AtomicBoolean replyIsLate = new AtomicBoolean();
        int cancelled = 0;
        try (QmpClient client = connect(() -> {
            if (Thread.currentThread() == caller && replyIsLate.get()) {
                caller.interrupt();
            }
        })) {
            RawCommand command = new RawCommand("x", JsonValue.Obj.EMPTY);
            for (int i = 0; i < commands - 1; i++) {
                replyIsLate.set(i % 10 == 9);
                Duration limit = replyIsLate.get() ? Duration.ofMillis(50) : LONG;
                try {
                    client.execute(command, limit);
                } catch (QmpErrorException e) {
                    assertThat(e).hasMessageContaining("no " + i);
                } catch (QmpTimeoutException e) {
                    // The reader thread came first, and nobody was interrupted.
                    assertThat(replyIsLate).isTrue();
                } catch (QmpCancelledException e) {
                    assertThat(Thread.interrupted()).isTrue();
                    cancelled++;
                }
            }
            // The last reply is late, but for the command after it.
            var last = client.submit(command);
            var unanswered = client.submit(command);
            assertThatThrownBy(() -> last.get(LONG.toSeconds(), TimeUnit.SECONDS))
                    .hasMessageContaining("no " + (commands - 1));
            assertThat(unanswered).isNotDone();
        }
        assertThat(cancelled).isPositive();
    }

    @Test
    void endsTheConnectionForAllWhenWhatACallerReadsIsNoJson() {
        boolean wasReadByCaller = false;
        for (int attempt = 0; attempt < 1000 && !wasReadByCaller; attempt++) {
            parts.subList(2, parts.size()).clear();
            reply(5);
            say(7, "this is no JSON");
            List<Thread> last = new ArrayList<>(List.of(Thread.currentThread()));
            try (QmpClient client = connect(() -> last.set(0, Thread.currentThread()))) {
                for (int i = 0; i < 5; i++) {
                    execute(client);
                }
                assertThatThrownBy(() -> execute(client))
                        .isInstanceOf(QmpClosedException.class)
                        .hasMessageContaining("not JSON")
                        .hasCauseInstanceOf(QmpProtocolException.class);
                assertThatThrownBy(() -> execute(client)).hasMessageContaining("not JSON");
                wasReadByCaller = last.get(0) == Thread.currentThread();
            }
        }
        assertThat(wasReadByCaller).isTrue();
    }

    @Test
    void deliversWhatComesAfterTheLastReplyThoughNobodyCalls() throws Exception {
        reply(COMMANDS);
        say(2 + COMMANDS - 1, "{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}");
        try (QmpClient client = connect(() -> {});
                EventSubscription<JsonValue.Obj> events = client.subscribeAll()) {
            for (int i = 0; i < COMMANDS; i++) {
                execute(client);
            }
            assertThat(events.await(LONG).name()).isEqualTo("STOP");
        }
    }

    @Test
    void keepsTheLimitOfACallerThatReads() {
        reply(5);
        try (QmpClient client = connect(() -> {})) {
            for (int i = 0; i < 5; i++) {
                execute(client);
            }
            long begin = System.nanoTime();
            assertThatThrownBy(() -> client.execute(new RawCommand("x", JsonValue.Obj.EMPTY), Duration.ofMillis(30)))
                    .isInstanceOf(QmpTimeoutException.class);
            assertThat(System.nanoTime() - begin).isBetween(30_000_000L, LONG.toNanos() / 3);
        }
    }
}
