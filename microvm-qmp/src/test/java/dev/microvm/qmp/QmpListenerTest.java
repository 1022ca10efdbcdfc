/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.testing.FakeQmpServer;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QmpListenerTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private QmpListener listener;

    @BeforeEach
    void listen() {
        listener = QmpListener.bind(folder.resolve("q"), QmpOptions.defaults());
    }

    @AfterEach
    void close() {
        listener.close();
    }

    private FakeQmpServer server() {
        return FakeQmpServer.qemu().connect(listener.socket());
    }

    @Test
    void acceptsAQemuThatConnects() {
        try (FakeQmpServer server = server();
                QmpClient client = listener.accept(LONG)) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(server.received()).hasSize(2);
        }
    }

    @Test
    void keepsSessionsAliveWhenClosed() {
        try (FakeQmpServer server = server();
                QmpClient client = listener.accept(LONG)) {
            listener.close();
            assertThat(listener.socket()).doesNotExist();
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(server.received()).hasSize(2);
        }
    }

    @Test
    void saysWithWhatQemuShouldHaveBeenStarted() {
        assertThatThrownBy(() -> listener.accept(SHORT))
                .isInstanceOf(QmpTimeoutException.class)
                .hasMessageContaining("-qmp unix:" + listener.socket());
    }

    @Test
    void failsAtOnceWhenQemuDiesBeforeItConnects() {
        CompletableFuture<String> exit = CompletableFuture.completedFuture("exit code 1");
        assertThatThrownBy(() -> listener.accept(LONG, exit))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageContaining("exit code 1");
    }

    @Test
    void failsAtOnceWhenQemuDiesBeforeItGreets() throws Exception {
        CompletableFuture<String> exit = new CompletableFuture<>();
        try (SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(listener.socket()))) {
            CompletableFuture<QmpClient> accepting =
                    CompletableFuture.supplyAsync(() -> listener.accept(LONG, exit), task -> new Thread(task).start());
            while (Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("microvm-qmp-")
                            && thread.getName().endsWith("-reader"))) {
                // Accepted, and waiting for the greeting, which does not come.
                assertThat(accepting).isNotDone();
                Thread.onSpinWait();
            }
            exit.complete("exit code 2");
            assertThatThrownBy(() -> accepting.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("exit code 2");
            assertThat(silent.isOpen()).isTrue();
        }
    }

    @Test
    void failsAtOnceWhenQemuDiesBeforeItHasNegotiated() {
        CompletableFuture<String> exit = new CompletableFuture<>();
        try (FakeQmpServer server = FakeQmpServer.qemu()) {
            server.on("qmp_capabilities").answer(request -> exit.complete("exit code 2"));
            server.connect(listener.socket());
            assertThatThrownBy(() -> listener.accept(LONG, exit))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("exit code 2");
        }
    }

    @Test
    void doesNotEndASessionWhenTheProcessEndsLater() {
        CompletableFuture<String> exit = new CompletableFuture<>();
        try (FakeQmpServer server = server();
                QmpClient client = listener.accept(LONG, exit)) {
            exit.complete("later");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(server.received()).hasSize(2);
        }
    }

    @Test
    void failsWhenClosed() {
        listener.close();
        assertThatThrownBy(() -> listener.accept(LONG))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageContaining("the listener is closed");
    }

    @Test
    void staysUsableAfterATimeoutAndAnInterrupt() {
        assertThatThrownBy(() -> listener.accept(SHORT)).isInstanceOf(QmpTimeoutException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> listener.accept(LONG)).isInstanceOf(QmpCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
        acceptsAQemuThatConnects();
    }

    @Test
    void refusesToListenWhereSomethingIs() {
        assertThatThrownBy(() -> QmpListener.bind(listener.socket(), QmpOptions.defaults()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(listener.socket().toString());
    }

    @Test
    void isBoundAlsoByAnInterruptedThread() {
        for (TransportKind kind : List.of(TransportKind.JUNIXSOCKET, TransportKind.JDK)) {
            Thread.currentThread().interrupt();
            Path socket = folder.resolve(kind.name());
            QmpOptions options = QmpOptions.builder().transport(kind).build();
            try (QmpListener bound = QmpListener.bind(socket, options)) {
                assertThat(Thread.interrupted()).isTrue();
                try (FakeQmpServer server = FakeQmpServer.qemu().connect(socket);
                        QmpClient client = bound.accept(LONG)) {
                    assertThat(client.execute(QueryStatus.of()).running()).isTrue();
                    assertThat(server.received()).isNotEmpty();
                }
            } finally {
                Thread.interrupted();
            }
        }
    }

    @Test
    void waitsForALimitThatFitsIntoNoLong() {
        try (FakeQmpServer server = server();
                QmpClient client = listener.accept(ChronoUnit.FOREVER.getDuration())) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(server.received()).hasSize(2);
        }
    }
}
