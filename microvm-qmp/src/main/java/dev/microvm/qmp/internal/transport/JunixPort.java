/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * junixsocket's channel. An interrupt of a thread inside it closes it, whether it blocks or not, and while it changes from one to the other,
 * a read that begins takes "nothing there" for the end. So it blocks, and only threads of ours are ever inside.
 */
final class JunixPort implements Port {
    private final AFUNIXSocketChannel channel;

    JunixPort(AFUNIXSocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer buffer, long millis) throws IOException {
        return channel.read(buffer);
    }

    @Override
    public boolean readsInAnyThread() {
        return false;
    }

    @Override
    public void writeNow(ByteBuffer buffer) {
        // All is left to the writing thread.
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
