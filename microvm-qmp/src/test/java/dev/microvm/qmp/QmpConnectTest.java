/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.testing.FakeQmpServer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which a session does not come to be. */
class QmpConnectTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Path socket;
    private FakeQmpServer server;

    @BeforeEach
    void makeServer() {
        socket = folder.resolve("q");
        server = FakeQmpServer.qemu();
    }

    @AfterEach
    void closeServer() {
        server.close();
    }

    private QmpClient connect(Duration limit) {
        server.listen(socket);
        return QmpClient.connect(
                socket,
                QmpOptions.builder().name("connect").connectTimeout(limit).build());
    }

    @Test
    void skipsEventsBeforeTheGreeting() {
        server.greeting("{\"event\": \"RESUME\", \"timestamp\": {\"seconds\": -1, \"microseconds\": -1}}\r\n"
                + server.greeting());
        try (QmpClient client = connect(LONG)) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void doesNotSkipEventsForEver() {
        server.greeting("{\"event\": \"RESUME\"}".repeat(1000));
        assertThatThrownBy(() -> connect(LONG))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("greeting");
    }

    @Test
    void saysThatAnotherClientMayBeConnectedWhenNoGreetingComes() {
        server.listen(socket);
        QmpOptions options = QmpOptions.builder().connectTimeout(SHORT).build();
        try (QmpClient first = QmpClient.connect(socket, QmpOptions.defaults())) {
            assertThatThrownBy(() -> QmpClient.connect(socket, options))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("no greeting")
                    .hasMessageContaining("another one is connected");
            assertThat(first.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void saysThatTheNegotiationTookTooLong() {
        server.on("qmp_capabilities");
        assertThatThrownBy(() -> connect(Duration.ofSeconds(1)))
                .isInstanceOf(QmpTimeoutException.class)
                .hasMessageContaining("qmp_capabilities");
    }

    @Test
    void failsWhenTheNegotiationIsRefused() {
        server.on("qmp_capabilities").error("GenericError", "no way");
        assertThatThrownBy(() -> connect(LONG))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("no way");
    }

    @Test
    void failsWhenTheServerSpeaksSomethingElse() {
        server.greeting("{\"hello\": \"world\"}");
        assertThatThrownBy(() -> connect(LONG))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("hello");
    }

    @Test
    void failsWhenTheGreetingHasAnotherForm() {
        server.greeting("{\"QMP\": {}}");
        assertThatThrownBy(() -> connect(LONG))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("version");
    }

    @Test
    void failsAtOnceWhenTheServerLeaves() {
        server.on("qmp_capabilities").thenDisconnect();
        assertThatThrownBy(() -> connect(LONG))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageContaining(socket.toString());
    }

    @Test
    void failsAtOnceWhenNobodyListens() {
        assertThatThrownBy(() -> QmpClient.connect(folder.resolve("nobody"), QmpOptions.defaults()))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageContaining("nobody listens at");
    }

    @Test
    void waitsForTheSocketToAppearWhenAsked() throws Exception {
        server.close();
        QmpOptions options =
                QmpOptions.builder().socketWait(LONG).connectTimeout(LONG).build();
        CompletableFuture<QmpClient> connecting = CompletableFuture.supplyAsync(
                () -> QmpClient.connect(socket, options), task -> new Thread(task).start());
        server = FakeQmpServer.qemu().listen(socket);
        AbstractSessionTest.get(connecting).close();
    }

    @Test
    void cancelsAnInterruptedConnect() {
        server.greeting("");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> connect(LONG)).isInstanceOf(QmpCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void refusesPathsTheKernelCannotTake() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QmpClient.connect(folder.resolve("x".repeat(120)), QmpOptions.defaults()))
                .withMessageContaining("bytes");
    }

    @Test
    void leavesNoThreadBehindWhenItFails() {
        server.on("qmp_capabilities");
        assertThatThrownBy(() -> connect(SHORT)).isInstanceOf(QmpTimeoutException.class);
        assertThat(AbstractSessionTest.clientThreads()).noneMatch(name -> name.startsWith("microvm-qmp-connect"));
    }

    @Test
    void leavesNoThreadBehindWhenTheQueueOfTheListenerIsFull() throws Exception {
        QmpOptions options = QmpOptions.builder()
                .name("full")
                .transport(TransportKind.JUNIXSOCKET)
                .connectTimeout(SHORT)
                .build();
        try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            deaf.bind(UnixDomainSocketAddress.of(socket), 1);
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> QmpClient.connect(socket, options)).isInstanceOf(QmpTimeoutException.class);
            }
            assertThatThrownBy(() -> QmpClient.connect(socket, options)).hasMessageContaining("queue is full");
            assertThat(AbstractSessionTest.clientThreads()).noneMatch(name -> name.contains("full-connect"));
        }
    }

    @Test
    void saysThatItCannotConnectWhereNobodyCouldEverListen() throws Exception {
        Path below = Files.createFile(folder.resolve("file")).resolve("q");
        QmpOptions options = QmpOptions.builder().socketWait(LONG).build();
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThatThrownBy(() -> QmpClient.connect(below, options))
                        .isInstanceOf(QmpClosedException.class)
                        .hasMessageStartingWith("cannot connect to " + below)
                        .hasMessageContaining("Not a directory")
                        .hasMessageNotContaining("nobody listens"));
    }
}
