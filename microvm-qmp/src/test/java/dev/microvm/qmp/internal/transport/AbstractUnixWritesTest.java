/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What both transports promise of writes that the calling thread makes itself as far as it can. */
abstract class AbstractUnixWritesTest extends AbstractUnixTransportTest {
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
}
