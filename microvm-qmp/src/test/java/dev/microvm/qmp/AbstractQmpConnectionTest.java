/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.Quit;
import dev.microvm.qmp.command.Stop;
import dev.microvm.qmp.event.StopEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a connection promises beyond its calls, over each transport: events, its end, and what is known of it. */
abstract class AbstractQmpConnectionTest extends AbstractSessionTest {
    @Test
    @SuppressWarnings("try") // closing explicitly, and then again, is the point
    void failsAllPendingCallsWhenClosed() {
        server.on("slow");
        List<CompletableFuture<JsonValue>> futures = new ArrayList<>();
        try (QmpClient client = connect()) {
            for (int i = 0; i < 100; i++) {
                futures.add(client.submit(new RawCommand("slow", JsonValue.Obj.EMPTY)));
            }
            client.close();
            assertThatThrownBy(() -> client.execute(QueryStatus.of()))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("query-status")
                    .hasMessageContaining("the client was closed");
            assertThat(client.submit(QueryStatus.of())).isCompletedExceptionally();
        }
        assertThat(futures).allSatisfy(future -> {
            assertThat(future).isDone();
            assertThatThrownBy(() -> get(future))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("'slow'")
                    .hasMessageContaining("the client was closed");
        });
    }

    @Test
    void failsAllPendingCallsAndSubscriptionsWhenQemuDies() throws Exception {
        server.on("slow");
        server.on("die").thenDisconnect();
        try (QmpClient client = connect();
                EventSubscription<JsonValue.Obj> events = client.subscribeAll()) {
            var slow = client.submit(new RawCommand("slow", JsonValue.Obj.EMPTY));
            assertThatThrownBy(() -> client.executeRaw("die"))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("'die'")
                    .hasMessageContaining("QEMU closed the connection");
            assertThatThrownBy(() -> get(slow)).isInstanceOf(QmpClosedException.class);
            assertThatThrownBy(() -> events.await(LONG)).isInstanceOf(QmpClosedException.class);
            client.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void takesTheEndOfTheConnectionForTheSuccessOfQuit() {
        server.on("quit").thenDisconnect();
        try (QmpClient client = connect()) {
            assertThat(client.execute(Quit.of())).isEqualTo(QmpEmpty.EMPTY);
        }
    }

    /** Who leaves with something unread resets the connection, and QEMU reads nothing after quit. */
    @Test
    void takesAResetForTheSuccessOfQuitToo() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        server.on("quit").answer(request -> awaitQuietly(more)).thenDisconnect();
        try (QmpClient client = connect()) {
            CompletableFuture<QmpEmpty> quit = client.submit(Quit.of());
            awaitRequest("quit");
            // More than the kernel holds, so that some of it is certainly unread.
            var unread = client.submit(new RawCommand("x", JsonValue.Obj.EMPTY.with("text", "x".repeat(4 << 20))));
            while (client.history().stream().noneMatch(entry -> entry.name().equals("x"))) {
                Thread.onSpinWait();
            }
            more.countDown();
            assertThat(get(quit)).isEqualTo(QmpEmpty.EMPTY);
            assertThatThrownBy(() -> get(unread)).isInstanceOf(QmpClosedException.class);
        }
    }

    @Test
    @SuppressWarnings("try") // closing explicitly, and then again, is the point
    void failsAPendingQuitWhenTheClientItselfIsClosed() {
        server.on("quit");
        try (QmpClient client = connect()) {
            var quit = client.submit(Quit.of());
            client.close();
            assertThatThrownBy(() -> get(quit)).isInstanceOf(QmpClosedException.class);
        }
    }

    @Test
    void deliversEventsBeforeTheReplyThatFollowsThem() {
        try (QmpClient client = connect();
                EventSubscription<QmpEmpty> stops = client.subscribe(StopEvent.TYPE)) {
            client.execute(Stop.of());
            QmpEvent<QmpEmpty> event = stops.poll().orElseThrow();
            assertThat(event.name()).isEqualTo("STOP");
            assertThat(event.timestamp()).contains(Instant.ofEpochSecond(1700000000, 250_000_000));
        }
    }

    @Test
    void awaitsTheEventThatACommandCauses() {
        try (QmpClient client = connect()) {
            assertThat(client.executeAndAwait(Stop.of(), StopEvent.TYPE, event -> true, LONG)
                            .name())
                    .isEqualTo("STOP");
            assertThatThrownBy(() -> client.executeAndAwait(QueryStatus.of(), StopEvent.TYPE, event -> true, SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("STOP");
        }
    }

    @Test
    void dispatchesEventsDuringTheNegotiation() {
        server.on("qmp_capabilities").emit("RESUME", JsonValue.Obj.EMPTY).reply();
        try (QmpClient client = connect()) {
            assertThat(client.history()).extracting(QmpHistoryEntry::name).contains("RESUME");
        }
    }

    @Test
    void doesNotStallForASubscriptionThatNobodyEmpties() {
        server.on("flood")
                .answer(request -> {
                    for (int i = 0; i < 5000; i++) {
                        request.emit("BALLOON_CHANGE", JsonValue.Obj.EMPTY.with("actual", i));
                    }
                })
                .reply();
        try (QmpClient client = connect(options().eventQueueSize(10).build());
                EventSubscription<JsonValue.Obj> slow = client.subscribeAll()) {
            client.executeRaw("flood");
            assertThat(slow.lost()).isEqualTo(4990);
            assertThat(slow.await(SHORT).data().integer("actual")).isEqualTo(4990);
        }
    }

    @Test
    void canBeClosedFromACallback() throws Exception {
        server.on("hold");
        QmpClient client = connect();
        var closing = client.submit(new RawCommand("hold", JsonValue.Obj.EMPTY)).thenAccept(status -> client.close());
        awaitRequest("hold").reply();
        get(closing);
        client.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void endsTheConnectionWhenTheServerSpeaksNoJson() {
        server.on("odd").send("this is no JSON\r\n");
        try (QmpClient client = connect()) {
            assertThatThrownBy(() -> client.executeRaw("odd"))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("not JSON")
                    .hasCauseInstanceOf(QmpProtocolException.class);
            assertThatThrownBy(() -> client.executeRaw("odd")).hasMessageContaining("not JSON");
        }
    }

    @Test
    void endsTheConnectionWhenAReplyIsTooLarge() {
        server.on("large").reply(new JsonValue.Str("x".repeat(200_000)));
        try (QmpClient client = connect(options().maxReplyBytes(100_000).build())) {
            assertThatThrownBy(() -> client.executeRaw("large"))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("maxReplyBytes");
        }
    }

    @Test
    void keepsTheLastThingsThatHappened() {
        try (QmpClient client = connect()) {
            for (int i = 0; i < 300; i++) {
                client.execute(QueryStatus.of());
            }
            client.execute(Stop.of());
            assertThat(client.history()).hasSize(256);
            assertThat(client.history().stream().skip(253).map(e -> e.kind() + " " + e.name()))
                    .containsExactly("COMMAND stop", "EVENT STOP", "RETURN stop");
        }
    }

    @Test
    void tellsTheTrafficWithoutItsSecrets() {
        List<String> seen = new ArrayList<>();
        server.on("set_password").reply();
        try (QmpClient client = connect(options()
                .traffic(message -> seen.add(message.direction() + " " + message.json()))
                .build())) {
            client.executeRaw("set_password", JsonValue.Obj.EMPTY.with("password", "geheim"));
        }
        assertThat(seen)
                .contains("SENT {\"execute\":\"set_password\",\"arguments\":{\"password\":\"***\"},\"id\":0}")
                .contains("RECEIVED {\"return\":{},\"id\":0}")
                .first()
                .asString()
                .startsWith("RECEIVED {\"QMP\"");
    }

    @Test
    void survivesATrafficSinkThatFails() {
        try (QmpClient client = connect(options()
                .traffic(message -> {
                    throw new IllegalStateException("broken sink");
                })
                .build())) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void leavesNoThreadAndNoDescriptorAfterAThousandSessions() throws Exception {
        connect().close();
        long descriptors = openDescriptors();
        for (int i = 0; i < 1000; i++) {
            try (QmpClient client =
                    QmpClient.connect(folder.resolve("q"), options().build())) {
                assertThat(get(client.submit(QueryStatus.of())).running()).isTrue();
            }
        }
        assertThat(clientThreads()).isEmpty();
        // The server is in this process too, and may be about to close the last of its ends.
        assertThat(openDescriptors()).isLessThanOrEqualTo(descriptors + 2);
    }
}
