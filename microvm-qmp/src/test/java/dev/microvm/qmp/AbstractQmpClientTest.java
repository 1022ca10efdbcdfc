/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.Stop;
import dev.microvm.qmp.model.RunState;
import dev.microvm.qmp.model.StatusInfo;
import dev.microvm.qmp.testing.FakeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What calls promise, over each transport. */
abstract class AbstractQmpClientTest extends AbstractSessionTest {
    @Test
    void greetsAndNegotiates() {
        try (QmpClient client = connect()) {
            assertThat(client.greeting().version()).isEqualTo(new QmpVersion(7, 2, 22, "Debian 1:7.2"));
            assertThat(client.greeting().capabilities()).containsExactly("oob");
            assertThat(client.execute(QueryStatus.of())).isEqualTo(new StatusInfo(true, RunState.RUNNING, null));
        }
    }

    @Test
    void sendsNoByteTooMany() {
        try (QmpClient client = connect()) {
            client.execute(QueryStatus.of());
            client.executeRaw("stop", JsonValue.Obj.EMPTY.with("x", 1));
        }
        assertThat(server.received())
                .containsExactly(
                        "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]},\"id\":0}",
                        "{\"execute\":\"query-status\",\"id\":0}",
                        "{\"execute\":\"stop\",\"arguments\":{\"x\":1},\"id\":0}");
    }

    @Test
    void readsAServerThatWritesByteByByte() {
        server.inChunksOf(1);
        try (QmpClient client = connect()) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void matchesRepliesByTheirIds() throws Exception {
        List<FakeRequest> held = new ArrayList<>();
        server.on("hold").answer(held::add);
        server.on("go")
                .answer(request -> {
                    for (int i = held.size() - 1; i >= 0; i--) {
                        held.get(i).reply(held.get(i).arguments());
                    }
                })
                .reply();
        try (QmpClient client = connect()) {
            var first = client.submit(new RawCommand("hold", JsonValue.Obj.EMPTY.with("n", 1)));
            var second = client.submit(new RawCommand("hold", JsonValue.Obj.EMPTY.with("n", 2)));
            client.executeRaw("go");
            assertThat(get(first)).hasToString("{\"n\":1}");
            assertThat(get(second)).hasToString("{\"n\":2}");
        }
    }

    @Test
    void takesAnErrorWithoutIdForTheCommandSentFirst() throws Exception {
        server.on("hold");
        server.on("go").answer(request -> awaitRequest("hold").errorWithoutId("JSON parse error"));
        try (QmpClient client = connect()) {
            var first = client.submit(new RawCommand("hold", JsonValue.Obj.EMPTY));
            var second = client.submit(new RawCommand("go", JsonValue.Obj.EMPTY));
            assertThatThrownBy(() -> get(first)).hasMessageContaining("JSON parse error");
            assertThat(second).isNotDone();
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void saysWhatQemuRefusedAndWhy() {
        server.on("device_del").error("DeviceNotFound", "Device 'n0' not found");
        try (QmpClient client = connect()) {
            assertThatThrownBy(() -> client.executeRaw("device_del"))
                    .isInstanceOfSatisfying(QmpErrorException.class, e -> {
                        assertThat(e.command()).isEqualTo("device_del");
                        assertThat(e.errorClass()).isEqualTo("DeviceNotFound");
                        assertThat(e.desc()).isEqualTo("Device 'n0' not found");
                        assertThat(e).hasMessageContaining("device_del").hasMessageContaining("not found");
                    });
            assertThatThrownBy(() -> client.executeRaw("no-such"))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("no-such")
                    .hasMessageContaining("7.2.22");
        }
    }

    @Test
    void saysWhichResultIsNotOfTheRightForm() {
        server.on("query-status").reply(JsonValue.Obj.EMPTY.with("running", 1));
        try (QmpClient client = connect()) {
            assertThatThrownBy(() -> client.execute(QueryStatus.of()))
                    .isInstanceOf(QmpProtocolException.class)
                    .hasMessageContaining("'query-status'")
                    .hasMessageContaining("expected a boolean at $.running, found 1");
        }
    }

    @Test
    void staysUsableAfterATimeoutAndDropsTheLateReply() {
        server.on("slow");
        try (QmpClient client = connect()) {
            assertThatThrownBy(() -> client.execute(new RawCommand("slow", JsonValue.Obj.EMPTY), SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("'slow' (id 0)")
                    .hasMessageContaining("PT0.03S")
                    .hasMessageContaining("last observed: RETURN qmp_capabilities");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(server.received()).last().asString().endsWith("\"id\":1}");
            awaitRequest("slow").reply(JsonValue.parse("{\"late\": true}"));
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            client.execute(Stop.of());
            assertThat(server.received())
                    .last()
                    .asString()
                    .as("the id is free again")
                    .endsWith("\"id\":0}");
        }
    }

    @Test
    void failsAFutureThatTakesTooLong() {
        server.on("slow");
        try (QmpClient client = connect(options().commandTimeout(SHORT).build())) {
            assertThatThrownBy(() -> get(client.submit(new RawCommand("slow", JsonValue.Obj.EMPTY))))
                    .isInstanceOf(QmpTimeoutException.class);
        }
    }

    @Test
    void givesUpTheReplyOfACancelledFuture() {
        server.on("slow");
        try (QmpClient client = connect()) {
            CompletableFuture<JsonValue> future = client.submit(new RawCommand("slow", JsonValue.Obj.EMPTY));
            FakeRequest request = awaitRequest("slow");
            assertThat(future.cancel(true)).isTrue();
            request.reply();
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void cancelsTheInterruptedCallerAndNobodyElse() throws Exception {
        server.on("slow");
        try (QmpClient client = connect()) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    client.executeRaw("slow");
                } catch (QmpException e) {
                    thrown.complete(e);
                }
                flag.complete(Thread.currentThread().isInterrupted());
            });
            caller.start();
            var other = client.submit(new RawCommand("slow", JsonValue.Obj.EMPTY));
            FakeRequest first = awaitRequest("slow");
            FakeRequest second = awaitRequest("slow");
            caller.interrupt();
            assertThat(get(thrown)).isInstanceOf(QmpCancelledException.class).hasMessageContaining("'slow'");
            assertThat(get(flag)).isTrue();
            first.reply(JsonValue.Num.of(1));
            second.reply(JsonValue.Num.of(1));
            assertThat(get(other)).hasToString("1");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void sendsNothingForAThreadThatIsInterruptedAlready() {
        try (QmpClient client = connect()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> client.execute(Stop.of())).isInstanceOf(QmpCancelledException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(server.received()).noneMatch(message -> message.contains("stop"));
        }
    }

    @Test
    void answersBlockingCallsWhileACallbackBlocksTheDispatcher() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<String> thread = new CompletableFuture<>();
        server.on("hold");
        try (QmpClient client = connect()) {
            var blocked = client.submit(new RawCommand("hold", JsonValue.Obj.EMPTY))
                    .thenAccept(status -> {
                        thread.complete(Thread.currentThread().getName());
                        awaitQuietly(release);
                    });
            awaitRequest("hold").reply();
            assertThat(get(thread)).isEqualTo("microvm-qmp-test-dispatcher");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            release.countDown();
            get(blocked);
        }
    }

    @Test
    void toleratesMessagesItDoesNotKnow() {
        server.on("odd")
                .send("{\"novelty\": 1}{\"return\": {}, \"id\": 77}{\"return\": {}, \"id\": \"text\"}")
                .reply();
        try (QmpClient client = connect()) {
            client.executeRaw("odd");
            assertThat(client.history())
                    .filteredOn(entry -> entry.kind() == QmpHistoryEntry.Kind.STRAY)
                    .hasSize(3);
        }
    }

    @Test
    void sendsCommandsLargerThanTheKernelBuffers() {
        server.on("big")
                .answer(request -> request.reply(
                        JsonValue.Num.of(request.arguments().string("text").length())));
        try (QmpClient client = connect()) {
            assertThat(client.executeRaw("big", JsonValue.Obj.EMPTY.with("text", "x".repeat(2 << 20))))
                    .hasToString("" + (2 << 20));
        }
    }

    @Test
    void answersManyThreadsAtOnce() throws Exception {
        server.on("echo").answer(request -> request.reply(request.arguments()));
        try (QmpClient client = connect()) {
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int base = t * 1000;
                threads.add(CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < 200; i++) {
                                JsonValue.Obj arguments = JsonValue.Obj.EMPTY.with("n", base + i);
                                assertThat(client.executeRaw("echo", arguments)).isEqualTo(arguments);
                            }
                        },
                        task -> new Thread(task).start()));
            }
            for (CompletableFuture<Void> thread : threads) {
                get(thread);
            }
        }
    }
}
