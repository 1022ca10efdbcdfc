/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fails half-way leaves nothing behind, and is told to whoever waits. */
class TransportFaultsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Path socket() {
        return folder.resolve("s");
    }

    private static long openDescriptors() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    /** Makes it 50 times, so that a descriptor left by each cannot be overlooked. */
    private static void leavesNoDescriptor(Attempt attempt) throws Exception {
        attempt.run();
        long before = openDescriptors();
        for (int i = 0; i < 50; i++) {
            attempt.run();
        }
        assertThat(openDescriptors()).isLessThan(before + 25);
    }

    private interface Attempt {
        void run() throws Exception;
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "JUNIXSOCKET"})
    void leavesNoDescriptorOfAPathThatIsNone(UnixTransport.Kind kind) throws Exception {
        UnixTransport transport = UnixTransport.choose(kind);
        URI zip = URI.create("jar:" + folder.resolve("z.zip").toUri());
        try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path inside = files.getPath("/s");
            leavesNoDescriptor(() -> assertThatThrownBy(() -> transport.connect(inside, LONG, "t"))
                    .isInstanceOfAny(IOException.class, IllegalArgumentException.class));
            leavesNoDescriptor(() -> assertThatThrownBy(() -> transport.bind(inside, "t"))
                    .isInstanceOfAny(IOException.class, IllegalArgumentException.class));
        }
    }

    @Test
    void closesAPeerOfWhichNoConnectionCanBeMade() throws Exception {
        try (UnixListener listener = UnixListener.bind(
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX),
                        socket(),
                        UnixDomainSocketAddress.of(socket()),
                        channel -> {
                            throw new IllegalStateException("no connection");
                        });
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            assertThatThrownBy(() -> listener.accept(LONG)).hasMessage("no connection");
            assertTimeoutPreemptively(
                    LONG, () -> assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1));
        }
    }

    @Test
    void closesAPeerThatCannotBeMadeBlocking() throws Exception {
        try (Selector selector = Selector.open();
                SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX);
                ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            peer.configureBlocking(false);
            peer.register(selector, 0); // with which it cannot be made blocking any more
            ServerSocketChannel accepting = new ServerNoSelectorKnows(server, peer);
            assertThatThrownBy(() -> UnixListener.acceptUndisturbed(accepting))
                    .hasRootCauseInstanceOf(IllegalBlockingModeException.class);
            assertThat(peer.isOpen()).isFalse();
        }
    }

    /** A selector of the JDK takes no channel but the JDK's own. */
    @Test
    void leavesNoSelectorOfAListenerThatCannotBeWaitedFor() throws Exception {
        leavesNoDescriptor(() -> assertThatThrownBy(() -> UnixListener.bind(
                        new ServerNoSelectorKnows(ServerSocketChannel.open(StandardProtocolFamily.UNIX), null),
                        socket(),
                        UnixDomainSocketAddress.of(socket()),
                        channel -> new UnixConnection(channel, OptionalLong.empty(), null, "t")))
                .isInstanceOf(RuntimeException.class));
        assertThat(socket()).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "JUNIXSOCKET"})
    void seesTheAbortAlsoWhileAnotherAcceptIsAtIt(UnixTransport.Kind kind) throws Exception {
        try (UnixListener listener = UnixTransport.choose(kind).bind(socket(), "t")) {
            CompletableFuture<Integer> oneDied = new CompletableFuture<>();
            CompletableFuture<Integer> otherDied = new CompletableFuture<>();
            var one = new AbstractUnixTransportTest.Running<>(() -> listener.accept(LONG, oneDied));
            var other = new AbstractUnixTransportTest.Running<>(() -> listener.accept(LONG, otherDied));
            // Whichever came second waits for its turn, and not in a system call.
            while (one.thread.getState() != Thread.State.TIMED_WAITING
                    && other.thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            boolean oneWaits = one.thread.getState() == Thread.State.TIMED_WAITING;
            long before = System.nanoTime();
            (oneWaits ? oneDied : otherDied).complete(1);
            assertThatThrownBy((oneWaits ? one : other)::get).isInstanceOf(AcceptAbortedException.class);
            assertThat(System.nanoTime() - before)
                    .as("not at its limit")
                    .isLessThan(LONG.dividedBy(3).toNanos());
            try (UnixConnection client = UnixTransport.choose(kind).connect(socket(), LONG, "t");
                    UnixConnection server = (oneWaits ? other : one).get()) {
                client.write(ByteBuffer.wrap(new byte[] {1}));
                assertThat(server.read(ByteBuffer.allocate(1))).isEqualTo(1);
            }
        }
    }

    @Test
    void failsAWriteThatEndsWithAnError() throws Exception {
        UnixConnection connection = new UnixConnection(
                SocketChannel.open(StandardProtocolFamily.UNIX),
                OptionalLong.empty(),
                descriptor -> {
                    throw new NoClassDefFoundError("broken");
                },
                "t");
        try (connection) {
            assertThatThrownBy(() -> connection
                            .enqueue(ByteBuffer.allocate(1), FileDescriptor.in)
                            .toCompletableFuture()
                            .get(5, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(NoClassDefFoundError.class);
        }
    }

    /** A listening channel that is none of the JDK's own, and accepts what it is told to. */
    private static final class ServerNoSelectorKnows extends ServerSocketChannel {
        private final ServerSocketChannel real;
        private final @Nullable SocketChannel accepted;

        ServerNoSelectorKnows(ServerSocketChannel real, @Nullable SocketChannel accepted) {
            super(real.provider());
            this.real = real;
            this.accepted = accepted;
        }

        @Override
        public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
            return real.bind(local, backlog);
        }

        @Override
        public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
            return real.setOption(name, value);
        }

        @Override
        public <T> T getOption(SocketOption<T> name) throws IOException {
            return real.getOption(name);
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return real.supportedOptions();
        }

        @Override
        public ServerSocket socket() {
            return real.socket();
        }

        @Override
        public @Nullable SocketChannel accept() {
            return accepted;
        }

        @Override
        public SocketAddress getLocalAddress() throws IOException {
            return real.getLocalAddress();
        }

        @Override
        protected void implCloseSelectableChannel() throws IOException {
            real.close();
        }

        @Override
        protected void implConfigureBlocking(boolean block) throws IOException {
            real.configureBlocking(block);
        }
    }
}
