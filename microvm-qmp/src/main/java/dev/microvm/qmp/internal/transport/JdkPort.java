/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's channel, which does not block: only one that does is closed by an interrupt of the thread inside it. Selectors wait, and for
 * them an interrupt is no more than a reason to wake up.
 */
final class JdkPort implements Port {
    /** The JDK copies all that is left of a buffer before each write. */
    private static final int MOST_AT_ONCE = 64 << 10;

    private final SocketChannel channel;
    private final Selector readable;
    private @Nullable Selector writable;
    private boolean closed;

    /** Closes the channel if it fails. */
    JdkPort(SocketChannel channel) throws IOException {
        this.channel = channel;
        try {
            channel.configureBlocking(false);
            this.readable = selectorFor(SelectionKey.OP_READ);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private Selector selectorFor(int operation) throws IOException {
        Selector selector = channel.provider().openSelector();
        try {
            channel.register(selector, operation);
            return selector;
        } catch (Throwable e) {
            selector.close();
            throw e;
        }
    }

    @Override
    public int read(ByteBuffer buffer, long millis) throws IOException {
        // Before the first try: mostly what is wanted is an answer to what was sent just now.
        readable.select(millis);
        readable.selectedKeys().clear();
        return channel.read(buffer);
    }

    @Override
    public boolean readsInAnyThread() {
        return true;
    }

    @Override
    public void writeNow(ByteBuffer buffer) throws IOException {
        channel.write(buffer);
    }

    @Override
    public void write(ByteBuffer buffer, @Nullable FileDescriptor descriptor) throws IOException {
        int end = buffer.limit();
        while (buffer.position() < end) {
            buffer.limit(Math.min(end, buffer.position() + MOST_AT_ONCE));
            int written = channel.write(buffer);
            buffer.limit(end);
            if (written == 0) {
                Selector selector = writable();
                selector.select();
                selector.selectedKeys().clear();
            }
        }
    }

    /** Made when it is first needed: a peer that reads what it gets needs none, and each is two descriptors. */
    private synchronized Selector writable() throws IOException {
        Selector selector = writable;
        if (selector == null) {
            // A closed channel lets itself not be registered.
            selector = selectorFor(SelectionKey.OP_WRITE);
            writable = selector;
            if (closed) {
                selector.close();
            }
        }
        return selector;
    }

    @Override
    public boolean passesDescriptors() {
        return false;
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** The channel first: closing the selectors is what then lets go of its descriptor. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            Selector second;
            synchronized (this) {
                closed = true;
                second = writable;
            }
            try {
                readable.close();
            } finally {
                if (second != null) {
                    second.close();
                }
            }
        }
    }
}
