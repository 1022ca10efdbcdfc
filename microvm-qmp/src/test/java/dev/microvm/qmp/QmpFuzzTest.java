/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.internal.transport.MemoryChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sessions with servers whose streams are damaged or in disorder, by the {@linkplain FuzzedSession law}. A failure names its seed; with
 * {@code -Dmicrovm.fuzz.seed=<seed>} that stream comes first.
 */
class QmpFuzzTest {
    /** Once is enough for a million: not again in the run on the newest JDK. */
    private static final boolean FULL = Boolean.getBoolean("microvm.full") && System.getenv("MICROVM_TEST_JDK") == null;

    private static final int STREAMS = Integer.getInteger("microvm.fuzz.streams", FULL ? 1_000_000 : 10_000);
    private static final int STREAMS_ON_SOCKETS = 300;
    private static final int WORKERS = 2;
    private static final long LIMIT_SECONDS = 60;

    @TempDir
    Path folder;

    private final long firstSeed = Long.getLong("microvm.fuzz.seed", System.nanoTime());
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Plays one stream; all that it starts is in the thread group of the caller. */
    private interface Player {
        void play(FuzzedStream stream, String name) throws Exception;
    }

    /** A session that hangs is found much earlier; this is for the million. */
    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void everySessionEndsInTheRightAnswerOrADocumentedException() throws Exception {
        playAll(STREAMS, QmpFuzzTest::playInMemory);
    }

    @Test
    void everySessionOverASocketEndsInTheRightAnswerOrADocumentedException() throws Exception {
        playAll(STREAMS_ON_SOCKETS, this::playOverASocket);
    }

    private void playAll(int streams, Player player) throws Exception {
        List<Thread> workers = new ArrayList<>();
        AtomicLong[] seeds = new AtomicLong[WORKERS];
        for (int i = 0; i < WORKERS; i++) {
            AtomicLong seed = new AtomicLong();
            seeds[i] = seed;
            ThreadGroup group = new ThreadGroup("fuzz" + i);
            Thread worker = new Thread(group, () -> work(streams, player, seed, group), group.getName());
            worker.setDaemon(true);
            workers.add(worker);
            worker.start();
        }
        for (int i = 0; i < WORKERS; i++) {
            long before = -1;
            do {
                assertThat(seeds[i].get()).as("hangs at this seed").isNotEqualTo(before);
                before = seeds[i].get();
                workers.get(i).join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
            } while (workers.get(i).isAlive());
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get().getMessage(), failure.get());
        }
        assertThat(next.get()).isGreaterThanOrEqualTo(streams);
    }

    private void work(int streams, Player player, AtomicLong current, ThreadGroup group) {
        for (int i = next.getAndIncrement(); i < streams && failure.get() == null; i = next.getAndIncrement()) {
            long seed = firstSeed + i;
            current.set(seed);
            FuzzedStream stream = new FuzzedStream(seed);
            try {
                player.play(stream, group.getName());
                awaitEndOfAllBut(Thread.currentThread(), group);
            } catch (Exception | AssertionError e) {
                failure.compareAndSet(
                        null, new AssertionError("-Dmicrovm.fuzz.seed=" + seed + ": " + e + "\n" + stream, e));
            }
        }
    }

    private static void awaitEndOfAllBut(Thread worker, ThreadGroup group) throws InterruptedException {
        Thread[] threads = new Thread[16];
        int count = group.enumerate(threads);
        for (Thread thread : Arrays.asList(threads).subList(0, count)) {
            if (thread != worker) {
                thread.join(TimeUnit.SECONDS.toMillis(20));
                assertThat(thread.isAlive()).as("%s is left", thread.getName()).isFalse();
            }
        }
    }

    /** A stream in the pieces in which it is read, and what it means. */
    private record Script(List<byte[]> before, List<byte[]> after, ExpectedSession expected) {
        static Script of(FuzzedStream stream) throws IOException {
            byte[] all = stream.bytes();
            int cut = ExpectedSession.bytesBeforeCommands(stream, FuzzedSession.MAX_MESSAGE);
            List<byte[]> before = stream.pieces(Arrays.copyOf(all, cut));
            // At least a blank: the end, too, comes only after the commands.
            byte[] rest = cut == all.length ? new byte[] {' '} : Arrays.copyOfRange(all, cut, all.length);
            List<byte[]> after = stream.pieces(rest);
            return new Script(before, after, ExpectedSession.of(stream, before, after, FuzzedSession.MAX_MESSAGE));
        }
    }

    private static void playInMemory(FuzzedStream stream, String name) throws Exception {
        Script script = Script.of(stream);
        List<MemoryChannel.Part> parts = new ArrayList<>();
        script.before.forEach(piece -> parts.add(new MemoryChannel.Part(piece, 0)));
        int writes = script.expected.opens() ? 1 + stream.commands.size() : 0;
        script.after.forEach(piece -> parts.add(new MemoryChannel.Part(piece, writes)));
        MemoryChannel.End end = !stream.ends
                ? MemoryChannel.End.SILENCE
                : stream.random.nextInt(4) == 0 ? MemoryChannel.End.RESET : MemoryChannel.End.EOF;
        new FuzzedSession(stream, script.expected, name).play(MemoryChannel.connect(parts, end, "microvm-qmp-" + name));
    }

    private void playOverASocket(FuzzedStream stream, String name) throws Exception {
        Script script = Script.of(stream);
        Path socket = folder.resolve(name + stream.hashCode());
        CompletableFuture<Void> leave = new CompletableFuture<>();
        FuzzedSession session = new FuzzedSession(stream, script.expected, name);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread thread = new Thread(() -> serve(server, stream, script, leave), name + "-server");
            thread.setDaemon(true);
            thread.start();
            session.play(() -> QmpClient.connect(socket, session.options()));
            leave.complete(null);
            thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        }
    }

    private static void serve(
            ServerSocketChannel server, FuzzedStream stream, Script script, CompletableFuture<Void> leave) {
        try (SocketChannel client = server.accept()) {
            write(client, script.before);
            if (script.expected.opens()) {
                readCommands(client, 1 + stream.commands.size());
            }
            write(client, script.after);
            if (!stream.ends) {
                leave.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (Exception e) {
            // The client has left: the stream is damaged.
        }
    }

    private static void write(SocketChannel client, List<byte[]> pieces) throws IOException {
        for (byte[] piece : pieces) {
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        }
    }

    private static void readCommands(SocketChannel client, int count) throws Exception {
        StringBuilder text = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        while (text.toString().split("execute", -1).length <= count || text.charAt(text.length() - 1) != '}') {
            buffer.clear();
            if (client.read(buffer) < 0) {
                return;
            }
            text.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII));
        }
    }
}
