/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.QmpClosedException;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.QmpTimeoutException;
import dev.microvm.qmp.TransportKind;
import dev.microvm.qmp.testing.FakeQmpServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who listens at an agent's socket, and who does not yet. */
@Timeout(60)
class GuestAgentConnectTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    @TempDir
    Path folder;

    /** QEMU and its agent have a queue of 1: connections that were given up filled it, and then nobody seemed to listen. */
    @Test
    void takesOnePlaceInTheQueueOfAnAgentThatServesAnother() throws Exception {
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(folder.resolve("a")), 1);
            assertThatThrownBy(() -> connect(Duration.ofSeconds(3)))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("after 3 tries")
                    .hasMessageContaining("another one is connected");
        }
    }

    @Test
    void waitsWhileTheQueueOfAnAgentIsFull() throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("a"));
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(address, 1);
            try (SocketChannel first = SocketChannel.open(address);
                    SocketChannel second = SocketChannel.open(address)) {
                assertThatThrownBy(() -> connect(SHORT))
                        .isInstanceOf(QmpTimeoutException.class)
                        .hasMessageContaining("is not there within PT0.1S");
                assertThat(List.of(first.isConnected(), second.isConnected())).containsOnly(true);
            }
        }
    }

    private GuestAgent connect(Duration limit) {
        return GuestAgent.connect(
                folder.resolve("a"), QmpOptions.builder().connectTimeout(limit).build());
    }

    private GuestAgent connect(TransportKind transport, LongPredicate expected) {
        return GuestAgent.connect(
                folder.resolve("a"),
                QmpOptions.builder().transport(transport).expectedPeer(expected).build());
    }

    @Test
    void doesNotPretendToCheckThePeerWithTheSocketsOfTheJdk() {
        assertThatIllegalStateException()
                .isThrownBy(() -> connect(TransportKind.JDK, pid -> true))
                .withMessageContaining("expectedPeer")
                .withMessageContaining("JUNIXSOCKET");
    }

    @Test
    void leavesNoConnectionWhenTheQuestionForThePeerFails() throws Exception {
        try (FakeQmpServer server = FakeQmpServer.guestAgent().listen(folder.resolve("a"))) {
            LongPredicate failing = pid -> {
                throw new UnsupportedOperationException("asked for " + pid);
            };
            assertThatThrownBy(() -> connect(TransportKind.JUNIXSOCKET, failing))
                    .isInstanceOf(UnsupportedOperationException.class);
            int before = descriptors();
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> connect(TransportKind.JUNIXSOCKET, failing))
                        .hasMessageContaining(
                                "asked for " + ProcessHandle.current().pid());
            }
            assertThat(descriptors()).isLessThan(before + 5);
            assertThatThrownBy(() -> connect(TransportKind.JUNIXSOCKET, pid -> false))
                    .isInstanceOf(QmpClosedException.class)
                    .hasMessageContaining(
                            "refused process " + ProcessHandle.current().pid());
            assertThat(server.received()).isEmpty();
        }
    }

    private static int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }
}
