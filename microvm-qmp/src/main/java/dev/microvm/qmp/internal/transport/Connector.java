/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Connects a channel of the JDK with a limit.
 *
 * <p>The kernel blocks the connect of a unix socket while the listener's queue is full, and in non-blocking mode it answers EAGAIN, which
 * selectors cannot wait for and the JDK tells only by words. So a thread of ours connects, and ends when the channel is closed because
 * the limit passes.
 */
final class Connector {
    private Connector() {}

    static void connect(SocketChannel channel, SocketAddress address, Duration limit, String threadName)
            throws IOException, InterruptedException {
        CompletableFuture<Boolean> connected = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        connected.complete(channel.connect(address));
                    } catch (Throwable e) {
                        connected.completeExceptionally(e);
                    }
                },
                threadName + "-connect");
        thread.setDaemon(true);
        boolean success = false;
        try {
            thread.start();
            connected.get(Limit.nanos(limit), TimeUnit.NANOSECONDS);
            success = true;
        } catch (TimeoutException e) {
            throw (IOException) queueIsFull(address, limit).initCause(e);
        } catch (ExecutionException e) {
            throw failure(address, e.getCause() == null ? e : e.getCause());
        } finally {
            if (!success) {
                channel.close();
            }
        }
    }

    static SocketTimeoutException queueIsFull(SocketAddress address, Duration limit) {
        return new SocketTimeoutException("not connected to " + address + " within " + limit
                + "; the listener's queue is full, so another client is probably connected");
    }

    static IOException failure(SocketAddress address, Throwable cause) {
        return new IOException("cannot connect to " + address + ": " + cause.getMessage(), cause);
    }
}
