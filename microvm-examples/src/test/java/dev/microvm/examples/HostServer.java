/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A TCP server on the loopback that reads a request to its end and answers with each of its bytes turned over. */
final class HostServer implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final ServerSocket socket;
    private volatile CountDownLatch awaited = new CountDownLatch(0);

    private HostServer(ServerSocket socket) {
        this.socket = socket;
    }

    /** {@return a server; port 0 is a free one} */
    static HostServer listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        HostServer server = new HostServer(socket);
        daemon("host-server", server::accept);
        return server;
    }

    int port() {
        return socket.getLocalPort();
    }

    static byte[] replyTo(byte[] request) {
        byte[] reply = new byte[request.length];
        for (int i = 0; i < request.length; i++) {
            reply[i] = (byte) ~request[i];
        }
        return reply;
    }

    void answerNobodyBeforeHaveConnected(int count) {
        awaited = new CountDownLatch(count);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                daemon("host-server-client", () -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client) {
        CountDownLatch others = awaited;
        others.countDown();
        try (client) {
            byte[] request = client.getInputStream().readAllBytes();
            if (others.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                client.getOutputStream().write(replyTo(request));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
