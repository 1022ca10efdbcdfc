/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpData;
import dev.microvm.qmp.QmpWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** One client of the fake, from the greeting to its end. */
final class FakeConnection implements AutoCloseable {
    private static final int DELIMITER = 0xFF;

    private final FakeQmpServer server;
    private final SocketChannel channel;
    private final Object writing = new Object();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int depth;
    private boolean inString;
    private boolean escaped;
    private volatile boolean negotiated;
    private volatile boolean hung;

    FakeConnection(FakeQmpServer server, SocketChannel channel) {
        this.server = server;
        this.channel = channel;
    }

    /** Opens what clients connect to; nothing stays open if that fails. */
    static ServerSocketChannel listenAt(Path socket) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            return channel.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    void serve(String greeting, boolean withoutNegotiation) throws IOException {
        negotiated = withoutNegotiation;
        send(greeting);
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (channel.read(buffer) >= 0) {
            for (int i = 0; i < buffer.position(); i++) {
                take(buffer.get(i) & 0xFF);
            }
            buffer.clear();
        }
    }

    /** Cuts the bytes into objects and arrays; clients need no line ends. */
    private void take(int b) {
        if (b == DELIMITER) {
            // No byte of UTF-8: QEMU's parser starts afresh.
            message.reset();
            depth = 0;
            inString = false;
            refuse("JSON parse error, stray '\uFFFD'");
            return;
        }
        message.write(b);
        if (inString) {
            inString = escaped || b != '"';
            escaped = !escaped && b == '\\';
        } else if (b == '"') {
            inString = true;
        } else if (b == '{' || b == '[') {
            depth++;
        } else if ((b == '}' || b == ']') && --depth <= 0) {
            depth = 0;
            String text = message.toString(StandardCharsets.UTF_8).strip();
            message.reset();
            server.scripts().note(text);
            take(text);
        }
    }

    private void take(String text) {
        JsonValue value;
        try {
            value = JsonValue.parse(text);
        } catch (IllegalArgumentException e) {
            refuse("JSON parse error");
            return;
        }
        if (value instanceof JsonValue.Obj object) {
            FakeRequest request = new FakeRequest(this, object, text);
            server.scripts().note(request);
            if (!hung) {
                handle(request);
            }
        } else {
            refuse("QMP input must be a JSON object");
        }
    }

    private void refuse(String desc) {
        if (!hung) {
            new FakeRequest(this, JsonValue.Obj.EMPTY, "").errorWithoutId(desc);
        }
    }

    private void handle(FakeRequest request) {
        boolean negotiates = request.command().equals("qmp_capabilities");
        FakeScript script = server.scripts().of(request.command());
        if (negotiates == negotiated) {
            request.error(
                    "CommandNotFound",
                    negotiated
                            ? "Capabilities negotiation is already complete, command ignored"
                            : "Expecting capabilities negotiation with 'qmp_capabilities'");
        } else if (script == null) {
            request.error("CommandNotFound", "The command " + request.command() + " has not been found");
        } else {
            script.run(request);
        }
    }

    /** What the first success of {@code qmp_capabilities} changes. */
    void negotiated() {
        negotiated = true;
    }

    /** From now on nothing is answered. */
    void hang() {
        hung = true;
    }

    /** Waits; a fake that is closed meanwhile sends none of what the script says next. */
    void pause(Duration time) {
        if (!server.pause(time)) {
            close();
        }
    }

    boolean withIds() {
        return server.ids();
    }

    void emit(String event, QmpData data) {
        send(QmpWriter.object(out -> out.name("timestamp")
                .beginObject()
                .member("seconds", 1_700_000_000L)
                .member("microseconds", 250_000L)
                .endObject()
                .member("event", event)
                .member("data", data)));
    }

    void send(JsonValue.Obj value) {
        send(server.text(value));
    }

    void send(String text) {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends bytes, whole and apart from those of other threads; a client that is gone is no failure, a thread that is interrupted is none either. */
    void send(byte[] bytes) {
        int most = server.chunk();
        synchronized (writing) {
            // To write with the flag set would close the channel.
            boolean interrupted = Thread.interrupted();
            try {
                for (int from = 0; from < bytes.length; from += Math.min(most, bytes.length - from)) {
                    ByteBuffer part = ByteBuffer.wrap(bytes, from, Math.min(most, bytes.length - from));
                    while (part.hasRemaining()) {
                        channel.write(part);
                    }
                }
            } catch (ClosedByInterruptException e) {
                throw new IllegalStateException(
                        "an interrupt of a thread that waited for the client to read has closed the connection", e);
            } catch (IOException e) {
                // The client has left, which is what some tests are about.
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
