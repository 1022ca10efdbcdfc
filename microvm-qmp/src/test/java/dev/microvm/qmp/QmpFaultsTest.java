/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.internal.transport.MemoryChannel;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What goes wrong in the code of users, or just when a connection ends, harms nobody else. */
class QmpFaultsTest extends AbstractSessionTest {
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();

    @Override
    TransportKind transport() {
        return TransportKind.AUTO;
    }

    /** A command whose reader or writer is broken. */
    private record Broken(boolean writes) implements QmpCommand<String> {
        @Override
        public String name() {
            return "query-status";
        }

        @Override
        public void writeMembers(QmpWriter out) {
            if (writes) {
                throw new IllegalArgumentException("broken writer");
            }
        }

        @Override
        public String read(QmpReader in) {
            throw new NoClassDefFoundError("broken reader");
        }
    }

    private static Throwable failure(CompletableFuture<?> future) throws Exception {
        try {
            return new AssertionError("it succeeded: " + future.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void failsAFutureWhoseReplyIsReadWithAnError() throws Exception {
        try (QmpClient client = connect()) {
            assertThat(failure(client.submit(new Broken(false))))
                    .isInstanceOf(NoClassDefFoundError.class)
                    .hasMessage("broken reader");
        }
    }

    @Test
    void tellsByTheFutureAlsoWhatFailsBeforeSending() throws Exception {
        try (QmpClient client = connect()) {
            assertThat(failure(client.submit(new Broken(true)))).hasMessage("broken writer");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void waitsForLimitsThatFitIntoNoLong() throws Exception {
        QmpOptions options = options()
                .connectTimeout(FOR_EVER)
                .socketWait(FOR_EVER)
                .commandTimeout(FOR_EVER)
                .build();
        try (QmpClient client = connect(options);
                EventSubscription<JsonValue.Obj> events = client.subscribeAll();
                QmpJob job = client.jobs().track("j")) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(get(client.submit(QueryStatus.of())).running()).isTrue();
            client.executeRaw("stop");
            assertThat(events.await(FOR_EVER).name()).isEqualTo("STOP");
            server.on("query-jobs")
                    .reply(JsonValue.parse("[{\"id\":\"j\",\"type\":\"create\",\"status\":\"concluded\","
                            + "\"current-progress\":1,\"total-progress\":2}]"));
            job.awaitConcluded(FOR_EVER);
        }
    }

    /** What was read at once is taken to its end, also when the client is closed in the middle of it. */
    @Test
    void neverTellsTheTrafficOnTheReaderThread() throws Exception {
        var threads = new ConcurrentLinkedQueue<String>();
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        server.on("go").send("{\"event\":\"A\"}{\"event\":\"B\"}{\"event\":\"C\"}");
        QmpOptions options = options()
                .traffic(message -> threads.add(Thread.currentThread().getName()))
                .build();
        try (QmpClient client = connect(options)) {
            client.subscribe("events", event -> {
                reading.countDown();
                awaitQuietly(goOn);
                return false;
            });
            var unused = client.submit(new RawCommand("go", JsonValue.Obj.EMPTY));
            awaitQuietly(reading);
            Thread closing = new Thread(client::close);
            closing.start();
            // The dispatcher must not end before the reader; if it does, then soon.
            long enough = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
            while (clientThreads().contains("microvm-qmp-test-dispatcher") && System.nanoTime() - enough < 0) {
                Thread.onSpinWait();
            }
            goOn.countDown();
            client.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
            closing.join();
        }
        assertThat(threads).isNotEmpty().containsOnly("microvm-qmp-test-dispatcher");
    }

    private static MemoryChannel.Part part(String text, int afterWrites) {
        return new MemoryChannel.Part(text.getBytes(StandardCharsets.UTF_8), afterWrites);
    }

    private QmpClient connectToOneThatReplies(String reply, QmpOptions options) {
        List<MemoryChannel.Part> parts = List.of(
                part(server.greeting(), 0), part("{\"return\":{},\"id\":0}", 1), part("{" + reply + ",\"id\":0}", 2));
        return Connecting.open(
                new QmpConnection(
                        MemoryChannel.connect(parts, MemoryChannel.End.SILENCE, "microvm-qmp-memory"),
                        "memory",
                        options),
                options,
                System.nanoTime() + LONG.toNanos());
    }

    /** More digits than are read, though not than are written. */
    private static JsonValue.Obj longNumber() {
        return JsonValue.Obj.EMPTY.with("n", new JsonValue.Num(new BigDecimal("1".repeat(2000))));
    }

    @Test
    void sendsWhatCannotBeShownAsTraffic() {
        List<String> seen = new ArrayList<>();
        QmpOptions options =
                options().traffic(message -> seen.add(message.json())).build();
        try (QmpClient client = connectToOneThatReplies("\"return\":7", options)) {
            assertThat(client.executeRaw("x", longNumber())).hasToString("7");
        }
        assertThat(seen).last().asString().contains("7");
    }

    @Test
    void saysWhatWasRefusedOfACommandThatItCannotRead() {
        String refusal = "\"error\":{\"class\":\"GenericError\",\"desc\":\"too long\"}";
        try (QmpClient client = connectToOneThatReplies(refusal, options().build())) {
            assertThatThrownBy(() -> client.executeRaw("x", longNumber()))
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("too long");
        }
    }

    @Test
    void saysWhichCommandsWereNeverSent() throws Exception {
        server.on("hold");
        List<CompletableFuture<JsonValue>> held = new ArrayList<>();
        try (QmpClient client = connect()) {
            for (int i = 0; i < 8; i++) {
                held.add(client.submit(new RawCommand("hold", JsonValue.Obj.EMPTY)));
            }
        }
        assertThat(failure(held.get(6)))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageStartingWith("no reply to 'hold', asked for ");
        assertThat(failure(held.get(7)))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageStartingWith("'hold' was never sent, asked for ");
    }
}
