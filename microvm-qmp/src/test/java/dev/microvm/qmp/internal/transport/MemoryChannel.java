/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** A connection without a kernel: what is read comes from a list, each part of it after so many writes. */
public final class MemoryChannel extends SocketChannel {
    private final List<Part> parts;
    private final End end;
    private final Object lock = new Object();
    private int part;
    private int position;
    private int writes;
    private boolean closed;

    /** Bytes of one read (or more, if the reader has less room), and how many writes must have been seen before. */
    public record Part(byte[] bytes, int afterWrites) {}

    /** What comes after all parts. */
    public enum End {
        EOF,
        RESET,
        SILENCE
    }

    private MemoryChannel(List<Part> parts, End end) {
        super(null);
        this.parts = parts;
        this.end = end;
    }

    /** Connects to a server that says this. */
    public static UnixConnection connect(List<Part> parts, End end, String threadName) {
        return new UnixConnection(new MemoryChannel(parts, end), OptionalLong.empty(), null, threadName);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        synchronized (lock) {
            try {
                while (!closed
                        && part < parts.size()
                        && writes < parts.get(part).afterWrites()) {
                    lock.wait();
                }
                while (!closed && part == parts.size() && end == End.SILENCE) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                throw new AssertionError("the library interrupts its reader", e);
            }
            if (closed) {
                throw new AsynchronousCloseException();
            }
            if (part == parts.size()) {
                if (end == End.RESET) {
                    throw new IOException("Connection reset");
                }
                return -1;
            }
            byte[] bytes = parts.get(part).bytes();
            int length = Math.min(target.remaining(), bytes.length - position);
            target.put(bytes, position, length);
            position += length;
            if (position == bytes.length) {
                part++;
                position = 0;
            }
            return length;
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        synchronized (lock) {
            if (closed) {
                throw new AsynchronousCloseException();
            }
            int length = source.remaining();
            source.position(source.limit());
            writes++;
            lock.notifyAll();
            return length;
        }
    }

    @Override
    protected void implCloseSelectableChannel() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean connect(SocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw new UnsupportedOperationException();
    }
}
