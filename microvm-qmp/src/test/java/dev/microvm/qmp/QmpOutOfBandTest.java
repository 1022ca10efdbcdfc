/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.QueryYank;
import dev.microvm.qmp.model.YankInstance;
import dev.microvm.qmp.testing.FakeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Commands that overtake others, and the others that wait for it. */
class QmpOutOfBandTest extends AbstractSessionTest {
    private static final int ON_THEIR_WAY = 7;

    @Override
    TransportKind transport() {
        return TransportKind.AUTO;
    }

    private static List<CompletableFuture<JsonValue>> hold(QmpClient client, int count) {
        List<CompletableFuture<JsonValue>> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            held.add(client.submit(new RawCommand("hold", JsonValue.Obj.EMPTY.with("n", i))));
        }
        return held;
    }

    private long received(String command) {
        return server.received().stream()
                .filter(message -> message.contains("\"" + command + "\""))
                .count();
    }

    private void answerYank() {
        server.on("hold");
        server.on("query-yank")
                .answer(request -> assertThat(request.isOutOfBand()).isTrue())
                .reply(JsonValue.parse("[{\"type\": \"migration\"}]"));
    }

    @Test
    void asksForItOnlyWhereItIsOfferedAndWanted() {
        server.greeting(server.greeting().replace("\"oob\"", ""));
        try (QmpClient client = connect()) {
            assertThat(client.greeting().capabilities()).isEmpty();
        }
        server.greeting(server.greeting());
        QmpClient.connect(folder.resolve("q"), options().outOfBand(false).build())
                .close();
        QmpClient.connect(folder.resolve("q"), options().build()).close();
        assertThat(server.received())
                .containsExactly(
                        "{\"execute\":\"qmp_capabilities\",\"id\":0}",
                        "{\"execute\":\"qmp_capabilities\",\"id\":0}",
                        "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]},\"id\":0}");
    }

    @Test
    void saysWhyACommandCannotGoOutOfBand() {
        server.greeting(server.greeting().replace("\"oob\"", ""));
        try (QmpClient client = connect()) {
            assertThatThrownBy(() -> client.executeOob(QueryYank.of()))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("offers no commands out of band");
        }
        server.greeting(server.greeting());
        try (QmpClient client = QmpClient.connect(
                folder.resolve("q"), options().outOfBand(false).build())) {
            assertThatThrownBy(() -> client.executeOob(QueryYank.of()))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("QmpOptions.outOfBand");
        }
        assertThat(received("exec-oob")).isZero();
    }

    @Test
    void overtakesTheOthersWhichWaitHereAndAreSentInOrder() throws Exception {
        answerYank();
        try (QmpClient client = connect()) {
            List<CompletableFuture<JsonValue>> held = hold(client, 20);
            List<YankInstance> instances = client.executeOob(QueryYank.of());
            assertThat(instances).hasSize(1);
            assertThat(received("hold")).isEqualTo(ON_THEIR_WAY);
            assertThat(server.received()).last().asString().isEqualTo("{\"exec-oob\":\"query-yank\",\"id\":20}");
            for (int i = 0; i < 20; i++) {
                FakeRequest next = awaitRequest("hold");
                assertThat(next.arguments().integer("n")).isEqualTo(i);
                next.reply(JsonValue.Num.of(i));
                assertThat(get(held.get(i))).hasToString("" + i);
            }
        }
    }

    @Test
    void sendsWithoutAWindowWhereItIsOff() {
        answerYank();
        server.on("last").reply();
        try (QmpClient client = connect(options().outOfBand(false).build())) {
            hold(client, 20);
            client.executeRaw("last");
            assertThat(received("hold")).isEqualTo(20);
        }
    }

    @Test
    void takesAnErrorWithoutIdForTheOldestInBand() throws Exception {
        server.on("hold");
        server.on("query-yank")
                .answer(request -> awaitRequest("hold").errorWithoutId("JSON parse error"))
                .reply(JsonValue.parse("[]"));
        try (QmpClient client = connect()) {
            List<CompletableFuture<JsonValue>> held = hold(client, 2);
            assertThat(client.executeOob(QueryYank.of())).isEmpty();
            assertThatThrownBy(() -> get(held.get(0))).hasMessageContaining("JSON parse error");
            assertThat(held.get(1)).isNotDone();
        }
    }

    @Test
    void neverSendsWhatWasGivenUpBeforeItsTurn() throws Exception {
        answerYank();
        try (QmpClient client = connect()) {
            List<CompletableFuture<JsonValue>> held = hold(client, ON_THEIR_WAY);
            assertThatThrownBy(() -> client.execute(new RawCommand("late", JsonValue.Obj.EMPTY), SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("'late' could not be sent within PT0.03S and will not be")
                    .hasMessageContaining("7 commands pending");
            CompletableFuture<JsonValue> cancelled = client.submit(new RawCommand("late", JsonValue.Obj.EMPTY));
            assertThat(cancelled.cancel(true)).isTrue();
            CompletableFuture<Throwable> interrupted = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    client.executeRaw("late");
                } catch (QmpException e) {
                    interrupted.complete(e);
                }
            });
            caller.start();
            caller.interrupt();
            assertThat(get(interrupted)).isInstanceOf(QmpCancelledException.class);
            for (CompletableFuture<JsonValue> each : held) {
                awaitRequest("hold").reply();
                get(each);
            }
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(received("late")).isZero();
        }
    }

    @Test
    void failsAtOnceWhatWaitsForItsTurnWhenTheConnectionEnds() {
        answerYank();
        try (QmpClient client = connect()) {
            List<CompletableFuture<JsonValue>> held = hold(client, 100);
            client.executeOob(QueryYank.of());
            server.dropConnection();
            assertThat(held)
                    .allSatisfy(each -> assertThatThrownBy(() -> get(each))
                            .isInstanceOf(QmpClosedException.class)
                            .hasMessageContaining("'hold'"));
            assertThat(received("hold")).isEqualTo(ON_THEIR_WAY);
        }
    }
}
