/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.internal.qemu.PortStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** QEMU's end of the sockets, for what a real guest does not do: it says what the test tells it to. It has one slot. */
final class FakeGuest implements AutoCloseable {
    private final Path folder;
    private final Map<PortStream, ServerSocketChannel> listeners = new EnumMap<>(PortStream.class);
    private @Nullable SocketChannel control;
    private @Nullable BufferedReader lines;

    FakeGuest(Path folder) throws IOException {
        this.folder = folder;
        for (PortStream stream : PortStream.values()) {
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listeners.put(stream, listener);
            listener.bind(UnixDomainSocketAddress.of(port(0, stream)));
        }
    }

    Path controlSocket() {
        return folder.resolve("c");
    }

    Path port(int slot, PortStream stream) {
        return folder.resolve(slot + "-" + stream);
    }

    /** Connects as QEMU does, and says the loop's first word. */
    void begin() throws IOException {
        control = SocketChannel.open(UnixDomainSocketAddress.of(controlSocket()));
        lines = new BufferedReader(Channels.newReader(control, StandardCharsets.UTF_8));
        say("microvm 1 root\n");
    }

    /** {@return the next line from the host, as words} */
    String[] heard() throws IOException {
        return lines.readLine().split(" ");
    }

    void say(String text) throws IOException {
        write(control, text);
    }

    SocketChannel accept(PortStream stream) throws IOException {
        return listeners.get(stream).accept();
    }

    static void write(SocketChannel to, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        for (ServerSocketChannel listener : listeners.values()) {
            listener.close();
        }
        if (control != null) {
            control.close();
        }
    }
}
