/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads an output port as long as it is connected, also between commands: a process that an earlier command left behind would else
 * block when it writes.
 */
final class PortReader implements Runnable, AutoCloseable {
    private final UnixConnection connection;
    private final String name;
    private @Nullable NonceSplitter splitter;
    private @Nullable OutputSink sink;
    private boolean ended;

    PortReader(UnixConnection connection, String name) {
        this.connection = connection;
        this.name = name;
    }

    /** Hands the next command's output to a sink. */
    synchronized void expect(byte[] nonce, OutputSink next) {
        splitter = new NonceSplitter(nonce, next);
        sink = next;
        if (ended) {
            next.lost("the port " + name + " was closed");
        }
    }

    @Override
    public void run() {
        Thread.currentThread().setName("microvm-" + name + "-reader");
        String reason = "QEMU closed the port " + name;
        try {
            byte[] bytes = new byte[65_536];
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            int count = connection.read(buffer);
            while (count >= 0) {
                take(bytes, count);
                count = connection.read(buffer.clear());
            }
        } catch (IOException e) {
            reason = "the port " + name + " broke: " + e.getMessage();
        } catch (RuntimeException | Error e) { // not enough memory for the output, for instance
            reason = "the port " + name + " can be read no more: " + e;
            throw e;
        } finally {
            end(reason);
        }
    }

    private synchronized void take(byte[] bytes, int count) {
        if (splitter != null) {
            splitter.take(bytes, count);
        }
    }

    private synchronized void end(String reason) {
        ended = true;
        if (sink != null) {
            sink.lost(reason);
        }
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    @Override
    public void close() {
        connection.close();
    }
}
