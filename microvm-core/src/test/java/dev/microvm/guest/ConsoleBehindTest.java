/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A console's file that has become far larger than what can be read of it, as whoever has broken out into QEMU can make it. */
class ConsoleBehindTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);
    /** A hole, which takes no space; to read it took half a minute. */
    private static final long HUGE = 2L << 30;

    private static final Pattern PASSED_OVER =
            Pattern.compile("^\\[microvm: \\d+ bytes of the console .* passed over]$");

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws InterruptedException {
        threads.shutdown();
        assertThat(threads.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    }

    private Console follow(Path file, long maxBytes) {
        return Console.follow(file, threads, new CompletableFuture<>(), maxBytes, UnaryOperator.identity());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("console.log"), text);
    }

    private static void grow(Path file, long size, String text) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(size);
        }
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    @Test
    void hugeFileIsPassedOverAndReadOn() throws Exception {
        Path file = file("before\n");
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        long begin;
        try (Console console = follow(file, 0)) {
            console.onLine(seen::add);
            console.awaitMatch(Pattern.compile("before"), LIMIT);
            begin = System.nanoTime();
            grow(file, HUGE, "\nafter\n");

            assertThat(console.awaitMatch(Pattern.compile("^after$"), LIMIT)).isEqualTo("after");
            assertThat(console.awaitMatch(PASSED_OVER, LIMIT)).contains("passed over");
            assertThat(console.tail(1)).containsExactly("after");
            assertThat(console.text()).containsPattern("(?m)" + PASSED_OVER.pattern());
            Files.writeString(file, "more\n", StandardOpenOption.APPEND);
            assertThat(console.awaitMatch(Pattern.compile("^more$"), LIMIT)).isEqualTo("more");
            // sinks are told a moment after those who wait for a match
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!seen.contains("more")) {
                assertThat(System.nanoTime()).isLessThan(end);
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
        assertThat(seen).startsWith("before").endsWith("after", "more");
        assertThat(seen).filteredOn(PASSED_OVER.asPredicate()).hasSize(1);
    }

    @Test
    void closeIsNotHeldUpByAHugeFile() throws Exception {
        Path file = file("before\n");
        Console console = follow(file, 0);
        console.awaitMatch(Pattern.compile("before"), LIMIT);
        long begin = System.nanoTime();
        grow(file, HUGE, "\nlast words\n");
        console.close();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
        assertThat(console.tail(1)).containsExactly("last words");
    }

    @Test
    void hugeFileIsEmptiedWhereItHasALimit() throws Exception {
        Path file = file("before\n");
        try (Console console = follow(file, 1 << 20)) {
            console.awaitMatch(Pattern.compile("before"), LIMIT);
            grow(file, HUGE, "\nafter\n");
            console.awaitMatch(Pattern.compile("^after$"), AT_ONCE);
            long end = System.nanoTime() + LIMIT.toNanos();
            while (Files.size(file) > 0) {
                assertThat(System.nanoTime()).isLessThan(end);
                TimeUnit.MILLISECONDS.sleep(1);
            }
            assertThat(Files.size(folder.resolve("console.log.1"))).isLessThan(1 << 20);
            Files.writeString(file, "more\n", StandardOpenOption.APPEND);

            assertThat(console.awaitMatch(Pattern.compile("^more$"), LIMIT)).isEqualTo("more");
            assertThat(console.awaitMatch(Pattern.compile("^after$"), LIMIT)).isEqualTo("after");
        }
    }

    @Test
    void whatIsManySlicesLongIsReadToItsEndAtOnce() throws Exception {
        int lines = 500_000;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append(String.format("%015d%n", i));
        }
        Path file = file("");
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Console console = follow(file, 0);
        console.onLine(seen::add);
        Files.writeString(file, text);
        console.close();
        assertThat(console.tail(1)).containsExactly(String.format("%015d", lines - 1));

        threads.shutdown();
        assertThat(threads.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(seen).hasSize(lines).isSorted();
    }
}
