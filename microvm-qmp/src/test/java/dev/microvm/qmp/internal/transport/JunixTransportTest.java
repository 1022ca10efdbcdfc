/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

class JunixTransportTest extends AbstractUnixTransportTest {
    @Override
    UnixTransport transport() {
        return UnixTransport.choose(UnixTransport.Kind.JUNIXSOCKET);
    }

    @Override
    int maxPathBytes() {
        return 107;
    }

    @Test
    void knowsThePeer() throws Exception {
        Pair pair = pair();
        assertThat(pair.server().peerPid()).hasValue(ProcessHandle.current().pid());
        assertThat(pair.client().peerPid()).hasValue(ProcessHandle.current().pid());
    }

    /** The kernel makes a new descriptor of each that arrives, so it is told by the file behind it. */
    @Test
    void passesADescriptorWithTheFirstByte() throws Exception {
        Path file = Files.writeString(folder.resolve("passed"), "content");
        Path socket = folder.resolve("server.sock");
        try (AFUNIXServerSocketChannel server = AFUNIXServerSocketChannel.open()) {
            server.bind(AFUNIXSocketAddress.of(socket));
            try (FileInputStream in = new FileInputStream(file.toFile());
                    UnixConnection client = transport().connect(socket, Duration.ofSeconds(30), "test");
                    AFUNIXSocketChannel peer = server.accept()) {
                peer.setAncillaryReceiveBufferSize(1024);
                assertThat(client.canPassDescriptors()).isTrue();
                client.enqueue(ByteBuffer.wrap(new byte[] {1}));
                client.enqueue(ByteBuffer.wrap(new byte[] {2, 3}), in.getFD());
                client.enqueue(ByteBuffer.wrap(new byte[] {4}));
                assertThat(descriptorsWith(peer, 1)).isEmpty();
                FileDescriptor[] received = descriptorsWith(peer, 2);
                assertThat(received).hasSize(1);
                try (FileInputStream passed = new FileInputStream(received[0])) {
                    assertThat(passed.readAllBytes()).asString(UTF_8).isEqualTo("content");
                }
                assertThat(descriptorsWith(peer, 1)).isEmpty();
            }
        }
    }

    private static FileDescriptor[] descriptorsWith(AFUNIXSocketChannel peer, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        assertThat(peer.read(buffer)).isEqualTo(bytes);
        return peer.getReceivedFileDescriptors();
    }
}
