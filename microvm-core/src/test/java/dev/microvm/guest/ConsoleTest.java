/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmTimeoutException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private Path file;
    private Console console;

    @BeforeEach
    void follow() {
        file = folder.resolve("console.log");
        console = Console.follow(file, threads, gone);
    }

    @AfterEach
    void stop() throws InterruptedException {
        console.close();
        threads.shutdown();
        assertThat(threads.awaitTermination(5, TimeUnit.SECONDS))
                .as("the console's thread has ended")
                .isTrue();
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void matchesWhatCameBeforeAndWhatComesLater() throws Exception {
        write("[ 0.1] one\r\n[ 0.2] tw");
        assertThat(console.awaitMatch(Pattern.compile("one"), LIMIT)).isEqualTo("[ 0.1] one");
        assertThat(console.awaitMatch(Pattern.compile("tw$"), LIMIT)).isEqualTo("[ 0.2] tw");
        CompletableFuture<String> later =
                CompletableFuture.supplyAsync(() -> console.awaitMatch(Pattern.compile("login: $"), LIMIT));
        write("o\nlogin: ");

        assertThat(later.get(10, TimeUnit.SECONDS)).isEqualTo("login: ");
        assertThat(console.text()).isEqualTo("[ 0.1] one\n[ 0.2] two\nlogin: ");
        assertThat(console.tail(2)).containsExactly("[ 0.2] two", "login: ");
        assertThat(console.panicked()).isFalse();
    }

    @Test
    void theFirstByteIsSeenAndItsAbsenceToo() throws Exception {
        assertThat(console.awaitFirstByte(Duration.ofMillis(30), new CompletableFuture<>()))
                .isFalse();
        CompletableFuture<String> ended = CompletableFuture.completedFuture("ended");
        assertThat(console.awaitFirstByte(LIMIT, ended)).isFalse();
        write("x");
        assertThat(console.awaitFirstByte(LIMIT, new CompletableFuture<>())).isTrue();
    }

    @Test
    void keepsTheEndOfALongConsole() throws Exception {
        write("first\n" + "0123456789abcdef\n".repeat(10_000) + "last\n");
        assertThat(console.awaitMatch(Pattern.compile("^last$"), LIMIT)).isEqualTo("last");

        assertThat(console.text()).hasSize(64 << 10).endsWith("last\n");
        assertThat(console.awaitMatch(Pattern.compile("^first$"), LIMIT))
                .as("from the file")
                .isEqualTo("first");
    }

    @Test
    void knowsAPanicEvenWhenItIsCutInTwo() throws Exception {
        write("[ 1.0] Kernel panic - not");
        console.awaitMatch(Pattern.compile("not$"), LIMIT);
        write(" syncing: Attempted to kill init!");
        console.awaitMatch(Pattern.compile("init!"), LIMIT);

        assertThat(console.panicked()).isTrue();
    }

    @Test
    void everyLineGoesToASinkFromTheFirstOn() throws Exception {
        write("one\n");
        console.awaitMatch(Pattern.compile("one"), LIMIT);
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Console.Subscription subscription = console.onLine(line -> {
            lines.add(line);
            throw new IllegalStateException("a sink that fails harms nobody");
        });
        write("two\nthree");

        assertThat(lines.poll(10, TimeUnit.SECONDS)).isEqualTo("one");
        assertThat(lines.poll(10, TimeUnit.SECONDS)).isEqualTo("two");
        subscription.close();
        write("\nfour\n");
        console.awaitMatch(Pattern.compile("four"), LIMIT);
        assertThat(lines).isEmpty();
    }

    @Test
    void aWaitEndsWithTheVmAndItsLastWordsCount() throws Exception {
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                console.awaitMatch(Pattern.compile("never"), Duration.ofMinutes(1));
            } catch (VmExitedException e) {
                failed.complete(e);
            }
        });
        waiting.start();
        write("last words");
        gone.complete("QEMU ended with exit code 1");

        assertThat(failed.get(10, TimeUnit.SECONDS))
                .hasMessageContaining("QEMU ended with exit code 1")
                .hasMessageContaining("| last words");
        assertThat(console.awaitMatch(Pattern.compile("last words"), LIMIT)).isEqualTo("last words");
    }

    @Test
    void whoeverClosesItBecauseTheVmEndedDoesNotHideThat() {
        // What is attached last runs first: before the console itself hears of the end.
        var unused = gone.thenAccept(reason -> console.close());
        gone.complete("QEMU ended with exit code 137");

        assertThatThrownBy(() -> console.awaitMatch(Pattern.compile("never"), LIMIT))
                .isInstanceOf(VmExitedException.class)
                .hasMessageContaining("QEMU ended with exit code 137");
    }

    @Test
    void aWaitThatRunsOutShowsTheConsole() throws IOException {
        write("Booting\n");
        console.awaitMatch(Pattern.compile("Booting"), LIMIT);

        assertThatThrownBy(() -> console.awaitMatch(Pattern.compile("login"), Duration.ofMillis(30)))
                .isInstanceOf(VmTimeoutException.class)
                .hasMessageContaining("login within 30 ms")
                .hasMessageContaining("| Booting");
    }

    @Test
    void anInterruptEndsAWaitAndKeepsTheFlag() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> console.awaitMatch(Pattern.compile("login"), LIMIT))
                .isInstanceOf(VmCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aSinkThatBlocksHoldsUpNobodyElse() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        console.onLine(line -> {
            called.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            lines.add(line);
        });
        write("one\n");
        assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
        write("two\n");

        try {
            Duration took = timed(() -> {
                assertThat(console.awaitMatch(Pattern.compile("two"), LIMIT)).isEqualTo("two");
                assertThat(console.tail(1)).containsExactly("two");
                gone.complete("gone");
                console.close();
            });
            assertThat(took).isLessThan(Duration.ofSeconds(5));
        } finally {
            goOn.countDown();
        }
        assertThat(lines.poll(10, TimeUnit.SECONDS)).isEqualTo("one");
        assertThat(lines.poll(10, TimeUnit.SECONDS)).as("after the end").isEqualTo("two");
    }

    private static Duration timed(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    void aSinkMayWaitForWhatClosesTheConsole() throws Exception {
        CompletableFuture<Duration> closed = new CompletableFuture<>();
        console.onLine(line -> closed.complete(timed(() -> {
            // As a VM's close does: another thread ends the console, and is waited for.
            CompletableFuture.runAsync(() -> gone.complete("gone")).join();
            console.close();
        })));
        write("close!\n");

        assertThat(closed.get(10, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aFailedAssertionInASinkCostsOneLineOnly() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        console.onLine(line -> {
            assertThat(line).as("logged as a warning").isNotEqualTo("one");
            lines.add(line);
        });
        write("one\ntwo\n");

        assertThat(lines.poll(10, TimeUnit.SECONDS)).isEqualTo("two");
    }

    @Test
    void anInterruptedThreadStillReadsTheConsole() throws Exception {
        write("one\n");
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread.currentThread().interrupt();
        console.onLine(lines::add);
        assertThat(console.tail(1)).containsExactly("one");
        assertThat(Thread.interrupted()).isTrue();

        assertThat(lines).containsExactly("one");
        write("two\n");
        assertThat(lines.take()).isEqualTo("one");
        assertThat(lines.poll(10, TimeUnit.SECONDS)).isEqualTo("two");
    }

    @Test
    void aLateSinkGetsEveryLineOnceAndInOrder() throws Exception {
        int count = 50_000;
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i += 100) {
                StringBuilder some = new StringBuilder();
                IntStream.range(i, i + 100).forEach(line -> some.append(line).append('\n'));
                try {
                    write(some.toString());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        List<List<String>> all = new ArrayList<>();
        while (!writing.isDone() || all.isEmpty()) {
            if (all.size() < 20) {
                List<String> lines = Collections.synchronizedList(new ArrayList<>());
                all.add(lines);
                console.onLine(lines::add);
            }
        }
        writing.join();
        console.close();
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        BlockingQueue<String> after = new LinkedBlockingQueue<>();
        console.onLine(after::add);

        List<String> expected =
                IntStream.range(0, count).mapToObj(String::valueOf).toList();
        assertThat(all).allSatisfy(lines -> assertThat(lines).isEqualTo(expected));
        assertThat(after).containsExactlyElementsOf(expected);
    }

    @Test
    void withoutItsFileTheEndOfTheConsoleIsStillThere() throws Exception {
        write("first\n" + "0123456789abcde\n".repeat(5_000) + "last\n");
        console.awaitMatch(Pattern.compile("^last$"), LIMIT);
        console.close();
        Files.delete(file);
        List<String> lines = new ArrayList<>();
        console.onLine(lines::add);

        assertThat(lines).doesNotContain("first").endsWith("last").hasSizeGreaterThan(4_000);
    }
}
