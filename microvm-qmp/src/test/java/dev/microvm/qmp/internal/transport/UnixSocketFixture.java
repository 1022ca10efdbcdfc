/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A listening socket and what connects to it, by either transport. */
abstract class UnixSocketFixture {
    static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    Path socket;
    UnixListener listener;
    final List<AutoCloseable> toClose = new ArrayList<>();

    abstract UnixTransport transport();

    abstract int maxPathBytes();

    @BeforeEach
    void listen() throws IOException {
        socket = folder.resolve("s.sock");
        listener = transport().bind(socket, "test");
        toClose.add(listener);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : toClose) {
            each.close();
        }
    }

    /** Two ends of a connection. */
    record Pair(UnixConnection client, UnixConnection server) {}

    Pair pair() throws Exception {
        UnixConnection client = transport().connect(socket, LONG, "test-client");
        toClose.add(client);
        UnixConnection server = listener.accept(LONG);
        toClose.add(server);
        return new Pair(client, server);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    static String read(UnixConnection from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                throw new IOException("the stream ended early, after " + buffer.position() + " bytes");
            }
        }
        return new String(buffer.array(), UTF_8);
    }

    /** A daemon thread and what it yields. */
    static final class Running<T> {
        private final FutureTask<T> task;
        final Thread thread;

        Running(Callable<T> body) {
            task = new FutureTask<>(body);
            thread = new Thread(task, "test-body");
            thread.setDaemon(true);
            thread.start();
        }

        T get() throws Exception {
            try {
                return task.get(LONG.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }

        void awaitState(Thread.State state) {
            long deadline = System.nanoTime() + LONG.toNanos();
            while (thread.getState() != state) {
                assertThat(System.nanoTime() - deadline)
                        .as("waiting for " + state)
                        .isNegative();
                Thread.onSpinWait();
            }
        }
    }

    /** The tests hold whether the thread is already blocked or not; this only makes the interesting case likely. */
    static void awaitStarted(Running<?> running) {
        running.awaitState(Thread.State.RUNNABLE);
    }
}
