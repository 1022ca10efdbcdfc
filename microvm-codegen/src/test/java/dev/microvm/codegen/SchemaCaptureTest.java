/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SchemaCaptureTest {
    @TempDir
    Path folder;

    /** It read for ever. */
    @Test
    @Timeout(30)
    void givesUpAQemuThatGreetsAndThenHangs() throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("q"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            try (SocketChannel qemu = SocketChannel.open(address);
                    SocketChannel channel = server.accept()) {
                qemu.write(ByteBuffer.wrap("{\"QMP\":{}}\n".getBytes(StandardCharsets.UTF_8)));
                assertThatThrownBy(() -> SchemaCapture.askInTime(channel, Duration.ofMillis(200)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("did not answer within");
                assertThat(channel.isOpen()).isFalse();
            }
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("microvm-schema-capture"));
    }
}
