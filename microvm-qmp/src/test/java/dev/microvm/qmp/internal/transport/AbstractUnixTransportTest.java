/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the connections of both transports promise. */
abstract class AbstractUnixTransportTest extends UnixSocketFixture {
    private static final int MORE_THAN_THE_KERNEL_BUFFERS = 4 << 20;

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

    /** Short writes: those that a user's thread makes itself, where the transport can. */
    @Test
    void survivesInterruptsInTheMiddleOfShortWrites() throws Exception {
        Pair pair = pair();
        int writes = 20_000;
        var writing = new Running<>(() -> {
            for (int i = 0; i < writes; i++) {
                pair.client().write(bytes("0123456789"));
            }
            return "done";
        });
        var interrupting = new Running<>(() -> {
            while (writing.thread.isAlive()) {
                writing.thread.interrupt();
            }
            return "done";
        });
        assertThat(read(pair.server(), 10 * writes)).isEqualTo("0123456789".repeat(writes));
        assertThat(writing.get()).isEqualTo("done");
        assertThat(interrupting.get()).isEqualTo("done");
    }

    /** junixsocket took it for the end where the read began in the moment of a write that must not block. */
    @Test
    void takesAnAnswerThatIsNotThereYetForNoEnd() throws Exception {
        Pair pair = pair();
        int answers = 1000;
        AtomicInteger read = new AtomicInteger();
        var echo = new Running<>(() -> {
            while (!read(pair.server(), 1).isEmpty()) {
                pair.server().enqueue(bytes("y"));
            }
            return "done";
        });
        var reading = new Running<>(() -> {
            while (read.get() < answers) {
                read(pair.client(), 1);
                read.incrementAndGet();
            }
            return "done";
        });
        for (int i = 0; i < answers && reading.thread.isAlive(); i++) {
            pair.client().enqueue(bytes("x"));
            while (read.get() <= i && reading.thread.isAlive()) {
                Thread.onSpinWait();
            }
        }
        assertThat(reading.get()).isEqualTo("done");
        assertThat(echo.thread.isAlive()).isTrue();
    }

    /** The peer reads late, so that some go at once and others have to wait behind what the kernel did not take. */
    @Test
    void writesWholeAndInTheOrderOfEachThread() throws Exception {
        Pair pair = pair();
        int threads = 8;
        int lines = 2000;
        List<Running<Integer>> writing = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            writing.add(new Running<>(() -> {
                for (int line = 0; line < lines; line++) {
                    pair.client().enqueue(bytes(String.format("%d %06d%s%n", number, line, "x".repeat(91))));
                }
                return lines;
            }));
        }
        for (Running<Integer> each : writing) {
            assertThat(each.get()).isEqualTo(lines);
        }
        int[] next = new int[threads];
        read(pair.server(), 100 * threads * lines).lines().forEach(line -> {
            assertThat(line).hasSize(99).endsWith("x".repeat(91));
            assertThat(Integer.parseInt(line.substring(2, 8))).isEqualTo(next[line.charAt(0) - '0']++);
        });
        assertThat(next).containsOnly(lines);
    }

    @Test
    void neverWaitsToEnqueueAndTellsEverybodyWhenItIsClosed() throws Exception {
        Pair pair = pair();
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            writes.add(pair.client().enqueue(ByteBuffer.allocate(400)).toCompletableFuture());
        }
        assertThat(writes.get(0).get(LONG.toSeconds(), TimeUnit.SECONDS)).isNull();
        assertThat(writes.get(9_999)).isNotDone();
        pair.client().close();
        assertThat(writes).allSatisfy(write -> assertThat(write).isDone());
        assertThat(writes.get(9_999)).isCompletedExceptionally();
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
}
