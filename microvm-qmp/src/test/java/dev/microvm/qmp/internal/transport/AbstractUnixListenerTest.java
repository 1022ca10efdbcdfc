/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What the listeners of both transports promise, and how a connection comes about. */
abstract class AbstractUnixListenerTest extends UnixSocketFixture {
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
}
