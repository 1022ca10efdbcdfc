/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What both transports promise. */
abstract class AbstractUnixTransportTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int MORE_THAN_THE_KERNEL_BUFFERS = 4 << 20;

    @TempDir
    Path folder;

    private Path socket;
    private UnixListener listener;
    private final List<AutoCloseable> toClose = new ArrayList<>();

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

    @Test
    void carriesBytesBothWays() throws Exception {
        Pair pair = pair();
        pair.client().write(bytes("ping"));
        assertThat(read(pair.server(), 4)).isEqualTo("ping");
        pair.server().write(bytes("pong"));
        assertThat(read(pair.client(), 4)).isEqualTo("pong");
    }

    @Test
    void writesMoreThanTheKernelBuffers() throws Exception {
        Pair pair = pair();
        var writing = new Running<>(() -> {
            pair.client().write(ByteBuffer.allocate(MORE_THAN_THE_KERNEL_BUFFERS));
            return "done";
        });
        assertThat(read(pair.server(), MORE_THAN_THE_KERNEL_BUFFERS)).hasSize(MORE_THAN_THE_KERNEL_BUFFERS);
        assertThat(writing.get()).isEqualTo("done");
    }

    @Test
    void keepsTheOrderOfEnqueuedBuffers() throws Exception {
        Pair pair = pair();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            String text = i + ",";
            expected.append(text);
            pair.client().enqueue(bytes(text));
        }
        assertThat(read(pair.server(), expected.length())).isEqualTo(expected.toString());
    }

    @Test
    void readsTheEndWhenThePeerClosed() throws Exception {
        Pair pair = pair();
        pair.client().close();
        assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void failsToReadOrEndsWhenThePeerLeftBytesUnread() throws Exception {
        Pair other = pair();
        other.server().write(bytes("unread"));
        other.client().close();
        // The kernel says ECONNRESET here; both are an end to those who read.
        int end;
        try {
            end = other.server().read(ByteBuffer.allocate(1));
        } catch (IOException e) {
            end = -1;
        }
        assertThat(end).isEqualTo(-1);
    }

    @Test
    void stillReadsWhenItsOutputIsShutDown() throws Exception {
        Pair pair = pair();
        pair.client().enqueue(bytes("last"));
        pair.client().shutdownOutput();
        assertThat(read(pair.server(), 4)).isEqualTo("last");
        assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        pair.server().write(bytes("answer"));
        assertThat(read(pair.client(), 6)).isEqualTo("answer");
    }

    @Test
    void wakesABlockedReadWhenClosed() throws Exception {
        Pair pair = pair();
        var reading = new Running<>(() -> pair.client().read(ByteBuffer.allocate(1)));
        awaitStarted(reading);
        pair.client().close();
        assertThat(reading.get()).isEqualTo(-1);
    }

    @Test
    void wakesABlockedWriteWhenClosed() throws Exception {
        Pair pair = pair();
        var writing = new Running<>(() -> {
            pair.client().write(ByteBuffer.allocate(MORE_THAN_THE_KERNEL_BUFFERS));
            return "done";
        });
        writing.awaitState(Thread.State.WAITING);
        pair.client().close();
        assertThatThrownBy(writing::get).isInstanceOf(IOException.class);
    }

    @Test
    void refusesToWriteWhenClosed() throws Exception {
        Pair pair = pair();
        pair.client().close();
        assertThatThrownBy(() -> pair.client().write(bytes("x"))).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void failsToWriteWhenThePeerIsGone() throws Exception {
        Pair pair = pair();
        pair.server().close();
        assertThatThrownBy(() -> pair.client().write(bytes("x"))).isInstanceOf(IOException.class);
    }

    @Test
    void writesForAnInterruptedThreadAndKeepsItsFlag() throws Exception {
        Pair pair = pair();
        var writing = new Running<>(() -> {
            Thread.currentThread().interrupt();
            pair.client().write(bytes("a"));
            return Thread.interrupted();
        });
        assertThat(writing.get()).isTrue();
        pair.client().write(bytes("b"));
        assertThat(read(pair.server(), 2)).isEqualTo("ab");
    }

    @Test
    void survivesAnInterruptInTheMiddleOfAWrite() throws Exception {
        Pair pair = pair();
        var writing = new Running<>(() -> {
            pair.client().write(ByteBuffer.allocate(MORE_THAN_THE_KERNEL_BUFFERS));
            return Thread.interrupted();
        });
        writing.awaitState(Thread.State.WAITING);
        writing.thread.interrupt();
        assertThat(read(pair.server(), MORE_THAN_THE_KERNEL_BUFFERS)).hasSize(MORE_THAN_THE_KERNEL_BUFFERS);
        assertThat(writing.get()).isTrue();
    }

    @Test
    void endsAcceptAtItsLimit() {
        assertThatThrownBy(() -> listener.accept(Duration.ofMillis(20)))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining(socket.toString());
    }

    @Test
    void endsAcceptWhenInterruptedAndStaysUsable() throws Exception {
        var accepting = new Running<>(() -> listener.accept(LONG));
        awaitStarted(accepting);
        accepting.thread.interrupt();
        assertThatThrownBy(accepting::get).isInstanceOf(InterruptedException.class);
        pair();
    }

    /** The listener died when the interrupt came while it looked for a peer, not while it waited for one. */
    @Test
    void isNotClosedByAnInterruptThatComesBeforeTheWait() throws Exception {
        var interrupting = new CompletableFuture<Integer>() {
            @Override
            public CompletableFuture<Integer> whenComplete(BiConsumer<? super Integer, ? super Throwable> action) {
                Thread.currentThread().interrupt(); // accept is under way, and looks for a peer next
                return super.whenComplete(action);
            }
        };
        var accepting = new Running<>(() -> listener.accept(LONG, interrupting));
        assertThatThrownBy(accepting::get).isInstanceOf(InterruptedException.class);
        pair();
    }

    @Test
    void endsAcceptAtOnceWhenAbortedAndStaysUsable() throws Exception {
        CompletableFuture<Integer> died = new CompletableFuture<>();
        var accepting = new Running<>(() -> listener.accept(LONG, died));
        awaitStarted(accepting);
        died.complete(1);
        assertThatThrownBy(accepting::get).isInstanceOf(AcceptAbortedException.class);
        assertThatThrownBy(() -> listener.accept(LONG, died)).isInstanceOf(AcceptAbortedException.class);
        pair();
    }

    @Test
    void endsAcceptWhenClosed() throws Exception {
        var accepting = new Running<>(() -> listener.accept(LONG));
        awaitStarted(accepting);
        listener.close();
        assertThatThrownBy(accepting::get).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> listener.accept(LONG)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void removesItsFileWhenClosed() throws Exception {
        assertThat(socket).exists();
        Pair pair = pair();
        listener.close();
        assertThat(socket).doesNotExist();
        pair.client().write(bytes("still"));
        assertThat(read(pair.server(), 5)).isEqualTo("still");
        listener.close();
    }

    @Test
    void letsOnlyItsOwnUserConnect() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Test
    void refusesToListenWhereSomethingIs() throws Exception {
        Path taken = Files.writeString(folder.resolve("taken"), "precious");
        assertThatThrownBy(() -> transport().bind(taken, "test")).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(taken).hasContent("precious");
        assertThatThrownBy(() -> transport().bind(socket, "test")).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void refusesPathsTheKernelCannotTake() {
        int length = maxPathBytes() + 1;
        Path tooLong = pathOfLength(length);
        assertThatThrownBy(() -> transport().bind(tooLong, "test"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(length + " bytes")
                .hasMessageContaining("at most " + maxPathBytes());
        assertThatThrownBy(() -> transport().connect(tooLong, LONG, "test"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takesThePathOfMaximalLength() throws Exception {
        Path longest = pathOfLength(maxPathBytes());
        try (UnixListener other = transport().bind(longest, "test");
                UnixConnection client = transport().connect(longest, LONG, "test");
                UnixConnection server = other.accept(LONG)) {
            client.write(bytes("z"));
            assertThat(read(server, 1)).isEqualTo("z");
        }
    }

    private Path pathOfLength(int bytes) {
        return folder.resolve("y".repeat(bytes - folder.toString().length() - 1));
    }

    @Test
    void failsToConnectWhereNobodyListens() {
        assertThatThrownBy(() -> transport().connect(folder.resolve("nobody"), LONG, "test"))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("nobody");
    }

    @Test
    void endsConnectAtItsLimitWhenTheQueueIsFull() {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 5000; i++) {
                        toClose.add(transport().connect(socket, Duration.ofMillis(200), "test"));
                    }
                })
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("queue is full");
    }

    @Test
    void leavesNoThreadAndNoDescriptorBehind() throws Exception {
        pair();
        closeAll();
        toClose.clear();
        long descriptors = openDescriptors();
        for (int i = 0; i < 50; i++) {
            try (UnixListener other = transport().bind(folder.resolve("o"), "leak");
                    UnixConnection client = transport().connect(folder.resolve("o"), LONG, "leak");
                    UnixConnection server = other.accept(LONG)) {
                client.write(bytes("1"));
                assertThat(read(server, 1)).isEqualTo("1");
            }
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("leak-writer"));
        assertThat(openDescriptors()).isLessThan(descriptors + 10);
    }

    private static long openDescriptors() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String read(UnixConnection from, int length) throws IOException {
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
    private static void awaitStarted(Running<?> running) {
        running.awaitState(Thread.State.RUNNABLE);
    }
}
