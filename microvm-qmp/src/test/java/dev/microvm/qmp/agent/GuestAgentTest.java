/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpCancelledException;
import dev.microvm.qmp.QmpClosedException;
import dev.microvm.qmp.QmpErrorException;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpTimeoutException;
import dev.microvm.qmp.QmpUnsupportedException;
import dev.microvm.qmp.testing.FakeQmpServer;
import dev.microvm.qmp.testing.FakeRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a guest agent may do, and what must never be done to a real machine. */
@Timeout(60)
class GuestAgentTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final FakeQmpServer server = FakeQmpServer.guestAgent();

    @AfterEach
    void close() {
        server.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.isAlive() && thread.getName().startsWith("microvm-qga-"));
    }

    private GuestAgent connect(Duration commandTimeout) {
        server.listen(folder.resolve("a"));
        return connectAgain(LONG, commandTimeout);
    }

    private GuestAgent connect() {
        return connect(LONG);
    }

    private GuestAgent connectAgain(Duration connectTimeout, Duration commandTimeout) {
        return GuestAgent.connect(
                folder.resolve("a"),
                QmpOptions.builder()
                        .connectTimeout(connectTimeout)
                        .commandTimeout(commandTimeout)
                        .maxReplyBytes(10_000)
                        .build());
    }

    private List<String> commands() {
        return server.requests().stream().map(FakeRequest::command).toList();
    }

    @Test
    void synchronisesBeforeTheFirstCommandOnly() {
        try (GuestAgent agent = connect()) {
            agent.ping();
            agent.ping();
            assertThat(agent).hasToString("GuestAgent[the guest agent at " + folder.resolve("a") + "]");
        }
        assertThat(commands()).containsExactly("guest-sync-delimited", "guest-ping", "guest-ping");
        assertThat(server.received().get(1)).isEqualTo("{\"execute\":\"guest-ping\",\"id\":1}");
    }

    /** What an earlier client has left in the port: half a line, other lines, answers to its own synchronisation. */
    @Test
    void discardsWhatWasLeftBehind() {
        server.on("guest-sync-delimited").answer(request -> {
            request.send("alf a line\n{\"return\":1}\nnot JSON\n".getBytes(UTF_8));
            request.send(new byte[] {(byte) 0xFF});
            request.send("{\"return\": -5}\n{\"return\": 6}\nhalf".getBytes(UTF_8));
            request.send(new byte[] {(byte) 0xFF});
            request.reply(request.arguments().find("id").orElseThrow());
        });
        server.on("guest-get-host-name").reply(JsonValue.parse("{\"host-name\":\"right\"}"));
        server.inChunksOf(3).greeting("an old line, and no JSON\n");
        try (GuestAgent agent = connect()) {
            assertThat(agent.hostName()).isEqualTo("right");
        }
    }

    @Test
    void asksAgainOnTheSameConnectionAndOnANewOneWhenItEnds() {
        server.once("guest-sync-delimited");
        server.once("guest-sync-delimited").thenDisconnect();
        try (GuestAgent agent = connect()) {
            agent.ping();
        }
        assertThat(commands())
                .containsExactly("guest-sync-delimited", "guest-sync-delimited", "guest-sync-delimited", "guest-ping");
    }

    @Test
    void saysThatTheAgentIsNotThere() {
        server.on("guest-sync-delimited");
        server.listen(folder.resolve("a"));
        assertThatThrownBy(() -> connectAgain(SHORT, SHORT))
                .isInstanceOf(QmpTimeoutException.class)
                .hasMessageContaining("is not there within PT0.1S, after 1 tries")
                .hasMessageContaining("guest-sync-delimited");
    }

    @Test
    void failsAtOnceWhereNobodyListens() {
        assertThatThrownBy(() -> connectAgain(LONG, LONG))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageContaining("nobody listens there");
    }

    @Test
    void understandsAnAgentThatSendsNoIds() {
        server.withoutIds().on("guest-x").error("GenericError", "no");
        try (GuestAgent agent = connect()) {
            agent.ping();
            assertThatThrownBy(() -> agent.executeRaw("guest-x", JsonValue.Obj.EMPTY))
                    .isInstanceOfSatisfying(QmpErrorException.class, e -> {
                        assertThat(e.command()).isEqualTo("guest-x");
                        assertThat(e)
                                .hasMessageContaining("the guest agent at ")
                                .hasMessageContaining("no");
                    });
            assertThatThrownBy(() -> agent.executeRaw("guest-y", JsonValue.Obj.EMPTY))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("the guest agent at ")
                    .hasMessageContaining("'guest-y'");
            agent.ping();
        }
    }

    /** The late reply has no id, and would be taken for that of the next command. */
    @Test
    void synchronisesAnewAfterAReplyThatDidNotCome() {
        server.withoutIds().on("guest-get-host-name").reply(JsonValue.parse("{\"host-name\":\"right\"}"));
        server.once("guest-x");
        try (GuestAgent agent = connect(Duration.ofMillis(300))) {
            assertThatThrownBy(() -> agent.executeRaw("guest-x", JsonValue.Obj.EMPTY))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("no reply to 'guest-x' from the guest agent at ");
            server.awaitRequest("guest-x", LONG).reply(JsonValue.parse("{\"host-name\":\"wrong\"}"));
            assertThat(agent.hostName()).isEqualTo("right");
        }
        assertThat(commands()).endsWith("guest-x", "guest-sync-delimited", "guest-get-host-name");
    }

    @Test
    void makesANewConnectionForTheNextCommandAndNeverRepeatsOne() {
        server.on("guest-exec").thenDisconnect();
        try (GuestAgent agent = connect()) {
            assertThatThrownBy(() -> agent.exec("x", List.of(), List.of(), new byte[0], false))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("no reply to 'guest-exec'");
            agent.ping();
        }
        assertThat(commands())
                .containsExactly("guest-sync-delimited", "guest-exec", "guest-sync-delimited", "guest-ping");
    }

    @Test
    void shutsDownAGuestThatSaysNothingMore() {
        server.on("guest-shutdown");
        try (GuestAgent agent = connect()) {
            agent.shutdown();
            agent.reboot();
            server.on("guest-shutdown").thenDisconnect();
            agent.shutdown();
            server.on("guest-suspend-ram");
            agent.suspend();
        }
        assertThat(server.received())
                .anyMatch(text -> text.contains("\"guest-shutdown\",\"arguments\":{\"mode\":\"powerdown\"}"))
                .anyMatch(text -> text.contains("\"guest-shutdown\",\"arguments\":{\"mode\":\"reboot\"}"))
                .anyMatch(text -> text.contains("guest-suspend-ram"));
    }

    @Test
    void takesTheSilenceOfAGuestThatGoesDownForSuccess() {
        server.on("guest-shutdown").hang();
        try (GuestAgent agent = connect(SHORT)) {
            agent.shutdown();
        }
    }

    @Test
    void saysWhyAGuestIsNotShutDown() {
        server.withoutIds().on("guest-shutdown").error("GenericError", "child process has failed");
        try (GuestAgent agent = connect()) {
            assertThatThrownBy(agent::shutdown)
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("child process has failed");
            agent.ping();
        }
    }

    @Test
    void freezesAndThaws() {
        server.on("guest-fsfreeze-status").reply(new JsonValue.Str("frozen"));
        server.on("guest-fsfreeze-freeze").reply(JsonValue.Num.of(3));
        server.on("guest-fsfreeze-thaw").reply(JsonValue.Num.of(2));
        try (GuestAgent agent = connect()) {
            assertThat(agent.freeze()).isEqualTo(3);
            assertThat(agent.isFrozen()).isTrue();
            assertThat(agent.thaw()).isEqualTo(2);
        }
    }

    @Test
    void setsTheTimeInNanoseconds() {
        server.on("guest-set-time").reply();
        try (GuestAgent agent = connect()) {
            agent.setTime(Instant.ofEpochSecond(1_700_000_000, 5));
            assertThat(server.awaitRequest("guest-set-time", LONG).arguments().integer("time"))
                    .isEqualTo(1_700_000_000_000_000_005L);
            assertThatIllegalArgumentException().isThrownBy(() -> agent.setTime(Instant.MAX));
        }
    }

    @Test
    void asksOnceForEachConnectionWhatIsSupported() {
        server.on("guest-die").thenDisconnect();
        try (GuestAgent agent = connect()) {
            assertThat(agent.supports("guest-ping")).isTrue();
            assertThat(agent.supports("guest-later")).isFalse();
            assertThatThrownBy(() -> agent.executeRaw("guest-die", JsonValue.Obj.EMPTY))
                    .isInstanceOf(QmpClosedException.class);
            server.on("guest-later").reply();
            agent.ping();
            assertThat(agent.supports("guest-later")).isTrue();
        }
        assertThat(commands()).filteredOn("guest-info"::equals).hasSize(2);
    }

    @Test
    void givesUpAProgramThatDoesNotEnd() {
        server.on("guest-exec").reply(JsonValue.parse("{\"pid\":42}"));
        server.on("guest-exec-status").reply(JsonValue.parse("{\"exited\":false}"));
        try (GuestAgent agent = connect()) {
            assertThatThrownBy(() -> agent.run("sleep", List.of("9"), new byte[0], SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("sleep has not ended within PT0.1S; it may run on as process 42");
        }
    }

    @Test
    void limitsTheStartOfAProgramAndTheQuestionForIt() {
        server.once("guest-exec");
        server.on("guest-exec").reply(JsonValue.parse("{\"pid\":42}"));
        server.on("guest-exec-status");
        try (GuestAgent agent = connect()) {
            assertThatThrownBy(() -> agent.run("sleep", List.of("9"), new byte[0], SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("no reply to 'guest-exec'")
                    .hasMessageContaining("PT0.1S");
            assertThatThrownBy(() -> agent.run("sleep", List.of("9"), new byte[0], SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("sleep has not ended within PT0.1S; it may run on as process 42");
        }
    }

    @Test
    void namesTheProcessWhoseEndIsNotKnown() {
        server.on("guest-exec").reply(JsonValue.parse("{\"pid\":42}"));
        server.once("guest-exec-status").thenDisconnect();
        server.once("guest-exec-status").error("GenericError", "no such thing");
        try (GuestAgent agent = connect()) {
            assertThatThrownBy(() -> agent.run("sleep", List.of()))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("process 42");
            assertThatThrownBy(() -> agent.run("sleep", List.of()))
                    .isInstanceOfSatisfying(
                            QmpErrorException.class, e -> assertThat(e.desc()).isEqualTo("no such thing"))
                    .hasMessageContaining("process 42");
        }
    }

    @Test
    void showsNoOutputOfAProgramUnlessAsked() {
        GuestExecStatus status = new GuestExecStatus(true, 0, null, "aHVzaA==", "", false);
        assertThat(status.out()).isEqualTo("hush");
        assertThat(status.toString()).contains("exitCode=0", "8 characters").doesNotContain("aHVzaA");
    }

    @Test
    void endsAConnectionWhoseLinesAreTooLong() {
        server.on("guest-x").reply(new JsonValue.Str("x".repeat(20_000)));
        try (GuestAgent agent = connect()) {
            assertThatThrownBy(() -> agent.executeRaw("guest-x", JsonValue.Obj.EMPTY))
                    .isInstanceOf(QmpProtocolException.class)
                    .hasMessageContaining("maxReplyBytes");
            agent.ping();
        }
    }

    /** A guest that sends without end has to wait itself, and uses no memory here. */
    @Test
    void survivesAFlood() throws Exception {
        CompletableFuture<Void> flooding = new CompletableFuture<>();
        server.on("guest-x").reply().answer(request -> {
            flooding.complete(null);
            for (int i = 0; i < 1000; i++) {
                request.send(("{\"return\":\"" + "x".repeat(5_000) + "\",\"id\":-1}\n").getBytes(UTF_8));
            }
        });
        try (GuestAgent agent = connect()) {
            agent.executeRaw("guest-x", JsonValue.Obj.EMPTY);
            flooding.get(30, TimeUnit.SECONDS);
            agent.ping();
        }
    }

    @Test
    void saysWhatIsNoAnswer() {
        server.once("guest-x").send("no JSON\n");
        server.once("guest-x").send("[]\n");
        server.once("guest-x").send("{}\n");
        try (GuestAgent agent = connect()) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> agent.executeRaw("guest-x", JsonValue.Obj.EMPTY))
                        .isInstanceOf(QmpProtocolException.class);
                agent.ping();
            }
        }
    }

    @Test
    @SuppressWarnings("try") // closing explicitly is the point
    void tellsWhoWaitsThatItWasClosed() throws Exception {
        server.on("guest-x");
        try (GuestAgent agent = connect()) {
            CompletableFuture<JsonValue> waiting = CompletableFuture.supplyAsync(
                    () -> agent.executeRaw("guest-x", JsonValue.Obj.EMPTY), task -> new Thread(task).start());
            server.awaitRequest("guest-x", LONG);
            agent.close();
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("the guest agent was closed");
            assertThatThrownBy(agent::ping).isInstanceOf(QmpClosedException.class);
        }
    }

    @Test
    void harmsNobodyElseWhenACallerIsInterrupted() throws Exception {
        server.on("guest-x");
        try (GuestAgent agent = connect()) {
            CompletableFuture<Throwable> cancelled = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    agent.executeRaw("guest-x", JsonValue.Obj.EMPTY);
                } catch (QmpCancelledException e) {
                    cancelled.complete(Thread.interrupted() ? e : new AssertionError("the flag is lost", e));
                }
            });
            caller.start();
            server.awaitRequest("guest-x", LONG);
            CompletableFuture<Void> other = CompletableFuture.runAsync(agent::ping, task -> new Thread(task).start());
            caller.interrupt();
            assertThat(cancelled.get(30, TimeUnit.SECONDS)).isInstanceOf(QmpCancelledException.class);
            other.get(30, TimeUnit.SECONDS);
            agent.ping();
        }
    }
}
