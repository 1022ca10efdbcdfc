/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.testing.FakeQmpServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may be at the other end. The scripted server is this process itself. */
class QmpPeerTest extends AbstractSessionTest {
    private static final long OWN_PID = ProcessHandle.current().pid();

    @Override
    TransportKind transport() {
        return TransportKind.JUNIXSOCKET;
    }

    @Test
    void connectsToTheExpectedProcess() {
        try (QmpClient client = connect(options().expectedPeer(OWN_PID).build())) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
        }
    }

    @Test
    void refusesToTalkToAStranger() {
        QmpOptions options = options().expectedPeer(1).build();
        assertThatThrownBy(() -> connect(options))
                .isInstanceOf(QmpClosedException.class)
                .hasMessageContaining("refused process " + OWN_PID);
        assertThat(server.received()).isEmpty();
        while (!clientThreads().isEmpty()) {
            // The thread that accepted it for the scripted server ends by itself, a moment later.
            Thread.onSpinWait();
        }
    }

    @Test
    void dropsAStrangerAndWaitsForTheExpectedProcess() {
        List<Long> asked = new ArrayList<>();
        QmpOptions options = options()
                .expectedPeer(pid -> {
                    asked.add(pid);
                    return asked.size() > 1;
                })
                .build();
        var socket = folder.resolve("listen");
        try (QmpListener listener = QmpListener.bind(socket, options);
                FakeQmpServer stranger = FakeQmpServer.qemu().connect(listener.socket());
                FakeQmpServer expected = FakeQmpServer.qemu().connect(listener.socket());
                QmpClient client = listener.accept(LONG)) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThat(asked).containsExactly(OWN_PID, OWN_PID);
            assertThat(stranger.received().size() + expected.received().size()).isEqualTo(2);
        }
    }

    @Test
    void saysWhoWasRefusedWhenTheExpectedProcessDoesNotCome() {
        QmpOptions options = options().expectedPeer(1).build();
        try (QmpListener listener = QmpListener.bind(folder.resolve("listen"), options);
                FakeQmpServer stranger = FakeQmpServer.qemu().connect(listener.socket())) {
            assertThatThrownBy(() -> listener.accept(SHORT.multipliedBy(10)))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("process " + OWN_PID + " did and was refused");
            assertThat(stranger.received()).isEmpty();
        }
    }

    @Test
    void doesNotPretendToCheckWhereTheKernelIsNotAsked() {
        QmpOptions options =
                options().transport(TransportKind.JDK).expectedPeer(OWN_PID).build();
        assertThatIllegalStateException()
                .isThrownBy(() -> connect(options))
                .withMessageContaining("expectedPeer")
                .withMessageContaining("JUNIXSOCKET");
        assertThatIllegalStateException().isThrownBy(() -> QmpListener.bind(folder.resolve("listen"), options));
    }
}
