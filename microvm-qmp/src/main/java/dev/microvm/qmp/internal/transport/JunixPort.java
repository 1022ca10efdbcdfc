/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * junixsocket's channel. An interrupt of a thread inside it closes it, whether it blocks or not, and its selectors share one pipe, which a
 * thread that is interrupted writes to. So only threads of ours are inside, and wait there. What a user's thread writes goes by a stream of
 * the JDK, which knows nothing of interrupts, while the descriptor does not block.
 */
final class JunixPort implements Port {
    /** What is no longer goes into one buffer of the kernel, however small its queue: it is taken whole or not at all. */
    private static final int ONE_PIECE = 2048;

    private final AFUNIXSocketChannel channel;
    private final FileOutputStream undisturbed;

    /** How often the channel began or ceased to block: odd while it does not. */
    private final AtomicInteger changes = new AtomicInteger();

    JunixPort(AFUNIXSocketChannel channel) throws IOException {
        this.channel = channel;
        this.undisturbed = new FileOutputStream(channel.getFileDescriptor());
    }

    /** A read that begins while the channel does not block finds nothing, and may take that for the end: a real end is still there later. */
    @Override
    @SuppressWarnings("ThreadPriorityCheck") // whoever writes may be waiting for this very processor
    public int read(ByteBuffer buffer, long millis) throws IOException {
        while (true) {
            int before = changes.get();
            int length = channel.read(buffer);
            if (length > 0 || (before % 2 == 0 && before == changes.get())) {
                return length;
            }
            Thread.yield();
        }
    }

    @Override
    public boolean readsInAnyThread() {
        return false;
    }

    @Override
    public void writeNow(ByteBuffer buffer) throws IOException {
        if (!buffer.hasRemaining() || buffer.remaining() > ONE_PIECE || !buffer.hasArray()) {
            return;
        }
        changes.incrementAndGet();
        try {
            channel.configureBlocking(false);
            undisturbed.write(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
            buffer.position(buffer.limit());
        } catch (IOException e) {
            // There is no room, or nobody to read it: the writing thread waits, or tells.
        } finally {
            try {
                channel.configureBlocking(true);
            } finally {
                changes.incrementAndGet();
            }
        }
    }

    @Override
    public void write(ByteBuffer buffer, @Nullable FileDescriptor descriptor) throws IOException {
        if (descriptor != null) {
            if (!descriptor.valid()) {
                throw new IOException("it was closed before it was sent");
            }
            // What is set goes with one write and is cleared by it.
            channel.setOutboundFileDescriptors(descriptor);
        }
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    @Override
    public boolean passesDescriptors() {
        return true;
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
