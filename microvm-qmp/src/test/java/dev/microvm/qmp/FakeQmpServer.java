/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A QMP server with a script, on a real unix socket. It serves one client at a time, as QEMU does, and knows nothing of the client's code
 * but {@link JsonValue}.
 *
 * <p>Without a script it greets as QEMU 7.2, negotiates, answers {@code query-status}, {@code stop}, {@code cont} and {@code quit} with
 * their events, and refuses every other command with {@code CommandNotFound}.
 */
final class FakeQmpServer implements AutoCloseable {
    static final String GREETING = "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7},"
            + " \"package\": \"Debian 1:7.2\"}, \"capabilities\": [\"oob\"]}}\r\n";

    private final Map<String, Consumer<Request>> script = new ConcurrentHashMap<>();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private final Object writing = new Object();
    private final Optional<ServerSocketChannel> server;
    private final Thread thread;
    private volatile Optional<SocketChannel> client = Optional.empty();
    private volatile String greeting = GREETING;
    private volatile int chunk = Integer.MAX_VALUE;
    private volatile boolean closed;

    private FakeQmpServer(Optional<ServerSocketChannel> server, Source source) {
        this.server = server;
        on("qmp_capabilities", request -> request.reply("{}"));
        on(
                "query-status",
                request -> request.reply("{\"status\": \"running\", \"singlestep\": false, \"running\": true}"));
        on("stop", request -> {
            emit("STOP", "{}");
            request.reply("{}");
        });
        on("cont", request -> {
            emit("RESUME", "{}");
            request.reply("{}");
        });
        on("quit", request -> {
            emit("SHUTDOWN", "{\"guest\": false, \"reason\": \"host-qmp-quit\"}");
            request.reply("{}");
            dropConnection();
        });
        this.thread = new Thread(() -> serveAll(source), "fake-qmp-server");
        thread.setDaemon(true);
    }

    /** Where the clients come from. */
    private interface Source {
        SocketChannel next() throws IOException;
    }

    /** A server that listens, as with {@code server=on}. It serves after {@link #start()}. */
    static FakeQmpServer listeningAt(Path socket) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixDomainSocketAddress.of(socket));
            return new FakeQmpServer(Optional.of(channel), channel::accept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that connects once to a client that listens, as without {@code server}. It connects at {@link #start()}. */
    static FakeQmpServer connectingTo(Path socket) {
        return new FakeQmpServer(Optional.empty(), () -> SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    FakeQmpServer start() {
        thread.start();
        return this;
    }

    /** Says what happens on a command; the consumer runs on the server's thread, and need not answer. */
    FakeQmpServer on(String command, Consumer<Request> action) {
        script.put(command, action);
        return this;
    }

    /** Sends this text instead of the greeting. */
    FakeQmpServer greetingWith(String text) {
        greeting = text;
        return this;
    }

    /** Writes at most so many bytes at once. */
    FakeQmpServer inChunksOf(int bytes) {
        chunk = bytes;
        return this;
    }

    /** A command that was received. */
    final class Request {
        private final JsonValue.Obj message;

        private Request(JsonValue.Obj message) {
            this.message = message;
        }

        String command() {
            return message.string(isOutOfBand() ? "exec-oob" : "execute");
        }

        boolean isOutOfBand() {
            return message.find("exec-oob").isPresent();
        }

        JsonValue.Obj message() {
            return message;
        }

        void reply(String json) {
            send("{\"return\": " + json + ", \"id\": " + id() + "}\r\n");
        }

        void error(String errorClass, String desc) {
            send("{\"id\": " + id() + ", \"error\": {\"class\": \"" + errorClass + "\", \"desc\": \"" + desc
                    + "\"}}\r\n");
        }

        void errorWithoutId(String desc) {
            send("{\"error\": {\"class\": \"GenericError\", \"desc\": \"" + desc + "\"}}\r\n");
        }

        private JsonValue id() {
            return message.find("id").orElseThrow();
        }
    }

    void emit(String event, String data) {
        send("{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 250000}, \"event\": \"" + event
                + "\", \"data\": " + data + "}\r\n");
    }

    /** Sends any text to the present client; a client that is gone is no failure. */
    void send(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        synchronized (writing) {
            SocketChannel channel = client.orElseThrow(() -> new IllegalStateException("no client"));
            try {
                for (int from = 0; from < bytes.length; from += Math.min(chunk, bytes.length - from)) {
                    ByteBuffer part = ByteBuffer.wrap(bytes, from, Math.min(chunk, bytes.length - from));
                    while (part.hasRemaining()) {
                        channel.write(part);
                    }
                }
            } catch (IOException e) {
                // The client has left; that is what some tests are about.
            }
        }
    }

    /** Waits for the next command that no call has waited for yet. */
    Request awaitRequest(String command) {
        try {
            while (true) {
                Request request = requests.poll(30, TimeUnit.SECONDS);
                if (request == null) {
                    throw new AssertionError("no " + command + " arrived; received so far: " + received);
                }
                if (request.command().equals(command)) {
                    return request;
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Every message received, byte for byte. */
    List<String> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    void dropConnection() {
        client.ifPresent(FakeQmpServer::closeQuietly);
    }

    private void serveAll(Source source) {
        do {
            try (SocketChannel channel = source.next()) {
                client = Optional.of(channel);
                send(greeting);
                serve(channel);
            } catch (IOException e) {
                // Dropped by either side: the next client, if this server listens.
            }
        } while (server.isPresent() && !closed);
    }

    private void serve(SocketChannel channel) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (channel.read(buffer) >= 0) {
            // Clients send ASCII in these tests, so a byte is a character.
            text.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
            buffer.clear();
            for (int end = endOfObject(text); end > 0; end = endOfObject(text)) {
                String message = text.substring(0, end);
                text.delete(0, end);
                received.add(message);
                handle(new Request((JsonValue.Obj) JsonValue.parse(message)));
            }
        }
    }

    private void handle(Request request) {
        requests.add(request);
        script.getOrDefault(
                        request.command(),
                        unknown -> unknown.error(
                                "CommandNotFound", "The command " + unknown.command() + " has not been found"))
                .accept(request);
    }

    /** The length of the first complete object, with what stands before it; 0 if there is none. */
    private static int endOfObject(CharSequence text) {
        int depth = 0;
        boolean inString = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inString) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inString = false;
                }
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
                if (depth == 0) {
                    return i + 1;
                }
            }
        }
        return 0;
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (server.isPresent()
                    && server.get().isOpen()
                    && server.get().getLocalAddress() instanceof UnixDomainSocketAddress address) {
                server.get().close();
                Files.deleteIfExists(address.getPath());
            }
            dropConnection();
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
