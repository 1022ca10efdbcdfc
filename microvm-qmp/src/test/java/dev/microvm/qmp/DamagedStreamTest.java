/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What {@link QmpFuzzTest} has found, one test for each bug. */
class DamagedStreamTest extends AbstractSessionTest {
    @Override
    TransportKind transport() {
        return TransportKind.JDK;
    }

    /** It was taken from the pending calls and then not answered: a future that never completed. */
    @Test
    void endsTheCallWhoseErrorIsNoObject() {
        server.on("odd").send("{\"error\": 5, \"id\": 0}");
        try (QmpClient client = connect()) {
            CompletableFuture<JsonValue> future = client.submit(new RawCommand("odd", JsonValue.Obj.EMPTY));
            assertThatThrownBy(() -> get(future))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("member 'error' has the wrong kind NUMBER");
        }
    }

    /** It ended the connection with an ArithmeticException. */
    @Test
    void takesAnIdBeyond64BitsForAStray() {
        server.on("odd")
                .send(
                        "{\"return\": 1, \"id\": 18446744073709551616}{\"return\": 1, \"id\": -1}{\"return\": 1, \"id\": 1e1}")
                .reply();
        try (QmpClient client = connect()) {
            assertThat(client.executeRaw("odd")).isEqualTo(JsonValue.Obj.EMPTY);
            assertThat(client.history())
                    .filteredOn(entry -> entry.kind() == QmpHistoryEntry.Kind.STRAY)
                    .hasSize(3);
        }
    }

    /** It failed with an ArithmeticException. */
    @Test
    void refusesAGreetingWhoseVersionIsTooLargeToBeOne() {
        server.greeting(server.greeting().replace("\"major\": 7", "\"major\": 7000000000"));
        assertThatThrownBy(this::connect)
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("'major'")
                .hasMessageContaining("7000000000");
    }

    /** It ended the connection with a DateTimeException. */
    @Test
    void deliversAnEventWhoseTimestampIsNoTime() {
        server.on("odd")
                .send("{\"event\":\"A\",\"timestamp\":{\"seconds\":9223372036854775807,\"microseconds\":1}}")
                .send("{\"event\":\"B\",\"timestamp\":{\"seconds\":1,\"microseconds\":9223372036854775807}}")
                .send(
                        "{\"event\":\"C\",\"timestamp\":7}{\"event\":\"D\",\"timestamp\":{\"seconds\":-1,\"microseconds\":-1}}")
                .reply();
        try (QmpClient client = connect();
                EventSubscription<JsonValue.Obj> events = client.subscribeAll()) {
            client.executeRaw("odd");
            for (String name : List.of("A", "B", "C", "D")) {
                QmpEvent<JsonValue.Obj> event = events.poll().orElseThrow();
                assertThat(event.name()).isEqualTo(name);
                assertThat(event.timestamp()).isEmpty();
            }
        }
    }

    /** Looking for secrets in it took more than the stack of the reader. */
    @Test
    void survivesAStrayMessageOfAThousandLevels() {
        String arrays = "[".repeat(1000) + "]".repeat(1000);
        String objects = "{\"a\":".repeat(1000) + "0" + "}".repeat(1000);
        server.on("odd")
                .send("{\"return\":" + arrays + ",\"id\":77}{\"return\":" + objects + ",\"id\":77}")
                .send("{\"event\":\"E\",\"data\":{\"a\":" + arrays + "}}")
                .reply();
        try (QmpClient client = connect()) {
            assertThat(client.executeRaw("odd")).isEqualTo(JsonValue.Obj.EMPTY);
        }
    }

    /** Comparing them took more than the stack of a thread. */
    @Test
    void comparesValuesOfAThousandLevels() throws Exception {
        String arrays = "[".repeat(1000) + "]".repeat(1000);
        String objects = "{\"a\":".repeat(1000) + "0" + "}".repeat(1000);
        CompletableFuture<Boolean> equal = CompletableFuture.supplyAsync(
                () -> JsonValue.parse(arrays).equals(JsonValue.parse(arrays))
                        && JsonValue.parse(objects).equals(JsonValue.parse(objects))
                        && JsonValue.parse(objects).hashCode()
                                == JsonValue.parse(objects).hashCode(),
                task -> new Thread(null, task, "small", 512 << 10).start());
        assertThat(get(equal)).isTrue();
    }

    /** It ended the connection with a NumberFormatException. */
    @Test
    void saysWhichNumberNothingCanHold() {
        server.on("odd").send("{\"return\": 1e9999999999, \"id\": 0}");
        try (QmpClient client = connect()) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThatThrownBy(() -> client.executeRaw("odd"))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("the server sent a number that nothing can hold")
                    .hasMessageContaining("1e9999999999");
        }
    }
}
