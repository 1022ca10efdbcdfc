/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static dev.microvm.qmp.AbstractSessionTest.clientThreads;
import static dev.microvm.qmp.AbstractSessionTest.get;
import static dev.microvm.qmp.AbstractSessionTest.openDescriptors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.Cont;
import dev.microvm.qmp.command.QueryCommands;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.QueryVersion;
import dev.microvm.qmp.command.Quit;
import dev.microvm.qmp.command.Stop;
import dev.microvm.qmp.command.SystemPowerdown;
import dev.microvm.qmp.event.PowerdownEvent;
import dev.microvm.qmp.event.ResumeEvent;
import dev.microvm.qmp.event.ShutdownEvent;
import dev.microvm.qmp.event.StopEvent;
import dev.microvm.qmp.model.CommandInfo;
import dev.microvm.qmp.model.ShutdownCause;
import dev.microvm.qmp.model.ShutdownData;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client against a real QEMU. */
class QmpClientIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @BeforeAll
    static void requireQemu() {
        QemuUnderTest.require();
    }

    private static QmpOptions options(TransportKind transport) {
        return QmpOptions.builder()
                .name("it")
                .transport(transport)
                .connectTimeout(LONG)
                .commandTimeout(LONG)
                .socketWait(LONG)
                .build();
    }

    private Path socket() {
        return folder.resolve("qmp.sock");
    }

    /** Starts a QEMU that connects to us. */
    private QemuUnderTest connecting(String... options) {
        List<String> all = new ArrayList<>(List.of("-qmp", "unix:" + socket()));
        all.addAll(List.of(options));
        return QemuUnderTest.start(all.toArray(String[]::new));
    }

    /** Starts a QEMU that listens. */
    private QemuUnderTest listening() {
        return QemuUnderTest.start("-qmp", "unix:" + socket() + ",server=on,wait=off");
    }

    /** What a test does with a session. */
    private interface Session {
        void with(QmpClient client, QemuUnderTest qemu) throws Exception;
    }

    private void inListenMode(TransportKind transport, Session session) throws Exception {
        try (QmpListener listener = QmpListener.bind(socket(), options(transport));
                QemuUnderTest qemu = connecting();
                QmpClient client = listener.accept(LONG, qemu.process().onExit())) {
            session.with(client, qemu);
        }
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void talksToAQemuThatConnects(TransportKind transport) throws Exception {
        inListenMode(transport, (client, qemu) -> {
            assertThat(client.greeting().version().major()).isGreaterThanOrEqualTo(7);
            assertThat(client.greeting().capabilities()).contains("oob");
            assertThat(client.execute(QueryVersion.of()).qemu().major())
                    .isEqualTo(client.greeting().version().major());
            assertThat(client.execute(QueryCommands.of())).contains(new CommandInfo("query-status"));
            assertThat(get(client.submit(QueryStatus.of())).running()).isTrue();
            if (transport == TransportKind.JUNIXSOCKET) {
                assertThat(client.peerPid()).hasValue(qemu.process().pid());
            }
        });
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void talksToAQemuThatListens(TransportKind transport) throws Exception {
        try (QemuUnderTest qemu = listening();
                QmpClient client = QmpClient.connect(socket(), options(transport))) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(qemu.process().isAlive()).isTrue();
        }
    }

    @Test
    void talksToAPrettyPrintingMonitor() throws Exception {
        try (QmpListener listener = QmpListener.bind(socket(), options(TransportKind.AUTO));
                QemuUnderTest qemu = QemuUnderTest.start("-qmp-pretty", "unix:" + socket());
                QmpClient client = listener.accept(LONG, qemu.process().onExit())) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void quits(TransportKind transport) throws Exception {
        inListenMode(transport, (client, qemu) -> {
            try (EventSubscription<ShutdownData> shutdowns = client.subscribe(ShutdownEvent.TYPE)) {
                assertThat(client.execute(Quit.of())).isEqualTo(QmpEmpty.EMPTY);
                assertThat(shutdowns.await(LONG).data())
                        .isEqualTo(new ShutdownData(false, ShutdownCause.HOST_QMP_QUIT));
            }
            assertThat(qemu.awaitExit()).isZero();
            client.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThatThrownBy(() -> client.execute(QueryStatus.of()))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("QEMU");
        });
    }

    /** Without out-of-band commands QEMU reads one at a time, so it leaves the others unread and resets the connection. */
    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void quitsWithCommandsBehindIt(TransportKind transport) throws Exception {
        QmpOptions options =
                QmpOptions.builder().from(options(transport)).outOfBand(false).build();
        try (QmpListener listener = QmpListener.bind(socket(), options);
                QemuUnderTest qemu = connecting();
                QmpClient client = listener.accept(LONG, qemu.process().onExit())) {
            CompletableFuture<JsonValue> slow = client.submit(new RawCommand("query-qmp-schema", JsonValue.Obj.EMPTY));
            CompletableFuture<QmpEmpty> quit = client.submit(Quit.of());
            var rest = submitMany(client, "query-status", 100);
            get(slow);
            assertThat(get(quit)).isEqualTo(QmpEmpty.EMPTY);
            assertThat(qemu.awaitExit()).isZero();
            client.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThatThrownBy(() -> get(rest.get(99)))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("QEMU broke the connection");
        }
    }

    @Test
    void seesTheEventsOfItsCommands() throws Exception {
        inListenMode(TransportKind.AUTO, (client, qemu) -> {
            client.executeAndAwait(Stop.of(), StopEvent.TYPE, event -> true, LONG);
            assertThat(client.execute(QueryStatus.of()).running()).isFalse();
            client.executeAndAwait(Cont.of(), ResumeEvent.TYPE, event -> true, LONG);
            assertThat(client.executeAndAwait(SystemPowerdown.of(), PowerdownEvent.TYPE, event -> true, LONG)
                            .timestamp())
                    .isPresent();
        });
    }

    @Test
    void seesTheEndByASignal() throws Exception {
        inListenMode(TransportKind.AUTO, (client, qemu) -> {
            try (EventSubscription<ShutdownData> shutdowns = client.subscribe(ShutdownEvent.TYPE)) {
                qemu.process().destroy();
                assertThat(shutdowns.await(LONG).data().reason()).isEqualTo(ShutdownCause.HOST_SIGNAL);
            }
            client.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
        });
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void failsPendingCallsWhenQemuIsKilled(TransportKind transport) throws Exception {
        inListenMode(transport, (client, qemu) -> {
            var schemas = submitMany(client, "query-qmp-schema", 100);
            qemu.process().destroyForcibly();
            assertThatThrownBy(() -> get(schemas.get(99))).isInstanceOf(QmpClosedException.class);
            assertThat(client.submit(QueryStatus.of())).isCompletedExceptionally();
        });
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void failsPendingCallsWhenClosed(TransportKind transport) throws Exception {
        inListenMode(transport, (client, qemu) -> {
            var schemas = submitMany(client, "query-qmp-schema", 100);
            client.close();
            assertThat(schemas).allMatch(CompletableFuture::isDone);
            assertThat(schemas.stream().filter(CompletableFuture::isCompletedExceptionally))
                    .hasSizeGreaterThan(50);
            assertThat(qemu.process().isAlive()).isTrue();
        });
    }

    private static List<CompletableFuture<JsonValue>> submitMany(QmpClient client, String command, int count) {
        List<CompletableFuture<JsonValue>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            futures.add(client.submit(new RawCommand(command, JsonValue.Obj.EMPTY)));
        }
        return futures;
    }

    @Test
    void readsTheWholeSchema() throws Exception {
        inListenMode(TransportKind.AUTO, (client, qemu) -> {
            JsonValue schema = client.executeRaw("query-qmp-schema");
            assertThat(((JsonValue.Arr) schema).items()).hasSizeGreaterThan(1000);
        });
    }

    @Test
    void saysWhatQemuRefuses() throws Exception {
        inListenMode(TransportKind.AUTO, (client, qemu) -> {
            assertThatThrownBy(() -> client.executeRaw("no-such-command")).isInstanceOf(QmpUnsupportedException.class);
            assertThatThrownBy(() -> client.executeRaw("query-status", JsonValue.Obj.EMPTY.with("x", 1)))
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("query-status");
        });
    }

    @Test
    void takesAnErrorWithoutIdForItsCommandAndStaysUsable() throws Exception {
        // QEMU answers what its JSON parser refuses without id; a noncharacter of Unicode is such a thing that a value
        // can express.
        JsonValue.Obj arguments = JsonValue.Obj.EMPTY.with("x", "\uffff");
        inListenMode(TransportKind.AUTO, (client, qemu) -> {
            assertThatThrownBy(() -> client.executeRaw("query-status", arguments))
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("UTF-8");
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void harmsNobodyElseWhenACallerIsInterrupted(TransportKind transport) throws Exception {
        inListenMode(transport, (client, qemu) -> {
            List<CompletableFuture<Void>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                others.add(inThread(() -> {
                    for (int n = 0; n < 300; n++) {
                        assertThat(client.execute(QueryStatus.of()).running()).isTrue();
                    }
                }));
            }
            // Interrupted before, during and after writes and waits, as it happens.
            for (int i = 0; i < 20; i++) {
                CompletableFuture<Thread> victim = new CompletableFuture<>();
                CompletableFuture<Void> ended = inThread(() -> {
                    victim.complete(Thread.currentThread());
                    assertThatThrownBy(() -> {
                                while (true) {
                                    client.execute(QueryVersion.of());
                                }
                            })
                            .isInstanceOf(QmpCancelledException.class);
                    assertThat(Thread.interrupted()).isTrue();
                });
                get(victim).interrupt();
                get(ended);
            }
            for (CompletableFuture<Void> other : others) {
                get(other);
            }
        });
    }

    private static CompletableFuture<Void> inThread(Runnable body) {
        return CompletableFuture.runAsync(body, task -> new Thread(task).start());
    }

    @Test
    void failsAtOnceWhenQemuDoesNotStart() {
        try (QmpListener listener = QmpListener.bind(socket(), options(TransportKind.AUTO));
                QemuUnderTest qemu = connecting("-no-such-option")) {
            assertThatThrownBy(() -> listener.accept(LONG, qemu.process().onExit()))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining("exitValue=1");
        }
    }

    @Test
    void saysThatAnotherClientIsConnected() {
        try (QemuUnderTest qemu = listening();
                QmpClient first = QmpClient.connect(socket(), options(TransportKind.AUTO))) {
            QmpOptions impatient =
                    QmpOptions.builder().connectTimeout(Duration.ofMillis(200)).build();
            assertThatThrownBy(() -> QmpClient.connect(socket(), impatient))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("another one is connected");
            assertThat(first.execute(QueryStatus.of()).running()).isTrue();
            assertThat(qemu.process().isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void leavesNoThreadAndNoDescriptorAfterAThousandSessions(TransportKind transport) throws Exception {
        try (QemuUnderTest qemu = listening()) {
            QmpClient.connect(socket(), options(transport)).close();
            long descriptors = openDescriptors();
            for (int i = 0; i < 1000; i++) {
                try (QmpClient client = QmpClient.connect(socket(), options(transport))) {
                    assertThat(client.execute(QueryStatus.of()).running()).isTrue();
                }
            }
            assertThat(clientThreads()).isEmpty();
            assertThat(openDescriptors()).isLessThanOrEqualTo(descriptors + 2);
            assertThat(qemu.process().isAlive()).isTrue();
        }
    }
}
