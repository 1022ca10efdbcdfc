/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/** A program that uses a transport and nothing else, to see what it loads. */
final class TransportChooser {
    private TransportChooser() {}

    public static void main(String[] args) throws Exception {
        UnixTransport transport = UnixTransport.choose(UnixTransport.Kind.valueOf(args[0]));
        Duration limit = Duration.ofSeconds(20);
        try (UnixListener listener = transport.bind(Path.of(args[1]), "t");
                UnixConnection client = transport.connect(Path.of(args[1]), limit, "t");
                UnixConnection server = listener.accept(limit)) {
            client.write(ByteBuffer.wrap(new byte[] {1}));
            if (server.read(ByteBuffer.allocate(1)) != 1) {
                throw new AssertionError("nothing arrived");
            }
        }
    }
}
