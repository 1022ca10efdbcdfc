/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The lines of a control port on a bare socket: one thread that sends and waits. */
final class ControlLines implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(8192).limit(0);

    ControlLines(SocketChannel channel) {
        this.channel = channel;
    }

    void send(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads up to a line; what a command printed or when it started is passed over, everything else is an error. */
    void await(String wanted) throws IOException {
        for (String line = read(); !line.equals(wanted); line = read()) {
            if (!line.startsWith("out ") && !line.startsWith("started ")) {
                throw new IOException("the guest said \"" + line + "\" instead of \"" + wanted + "\"");
            }
        }
    }

    private String read() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    return line.toString();
                }
                line.append((char) next); // the protocol's own words are ASCII
            }
            buffer.clear();
            int count = channel.read(buffer);
            buffer.flip();
            if (count < 0) {
                throw new EOFException("QEMU closed the control port");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
