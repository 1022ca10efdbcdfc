/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.TransportKind;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** The floor: one thread that writes ready-made bytes to a channel and reads up to the end of the line, understanding nothing. */
final class RawQmpChannel implements QmpContestant {
    private final SocketChannel channel;
    private final ByteBuffer request;
    private final ByteBuffer reply = ByteBuffer.allocateDirect(64 << 10);

    /**
     * Connects and negotiates.
     *
     * @param kind whose channel to take
     * @param socket where the server listens
     * @param request the bytes of one command
     * @throws IOException if that fails
     */
    RawQmpChannel(TransportKind kind, Path socket, String request) throws IOException {
        this.channel = kind == TransportKind.JUNIXSOCKET
                ? AFUNIXSocketChannel.open(AFUNIXSocketAddress.of(socket))
                : SocketChannel.open(UnixDomainSocketAddress.of(socket));
        this.request = direct(request);
        readLine();
        exchange(direct("{\"execute\":\"qmp_capabilities\"}"));
    }

    private static ByteBuffer direct(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Override
    public long[] run(int operations) throws IOException {
        long[] nanos = new long[operations];
        for (int i = 0; i < operations; i++) {
            long begin = System.nanoTime();
            exchange(request);
            nanos[i] = System.nanoTime() - begin;
        }
        return nanos;
    }

    private void exchange(ByteBuffer bytes) throws IOException {
        bytes.rewind();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        readLine();
    }

    private void readLine() throws IOException {
        do {
            reply.clear();
            if (channel.read(reply) < 0) {
                throw new EOFException("the server has left");
            }
        } while (reply.get(reply.position() - 1) != '\n');
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
