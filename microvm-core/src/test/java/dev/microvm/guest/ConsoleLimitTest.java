/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.VmTimeoutException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of a console that another process appends to, as QEMU does, is kept small while it is read. */
class ConsoleLimitTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MAX_BYTES = 128 << 10;
    /** Each line has 32 bytes with its end. */
    private static final int LINE_BYTES = 32;
    /** A little less than half the limit. */
    private static final int BATCH = 2_000;

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private Path file;
    private Path earlier;
    private Process writer;
    private Writer orders;
    private BufferedReader answers;
    private int printed;

    /** A shell that opens the file once for appending and prints as many numbered lines as it is told. */
    @BeforeEach
    void startWriter() throws IOException {
        file = folder.resolve("console.log");
        earlier = folder.resolve("console.log.1");
        Files.createFile(file);
        writer = new ProcessBuilder(
                        "sh",
                        "-c",
                        "exec 3>>\"$1\"; i=0; while read -r count; do end=$((i + count));"
                                // At once: a pause between lines would be taken for one of the guest's.
                                + " printf 'line %08d 0123456789abcdefg\\n' $(seq $i $((end - 1))) >&3; i=$end;"
                                + " echo done; done",
                        "writer",
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        orders = writer.outputWriter();
        answers = writer.inputReader();
    }

    @AfterEach
    void stop() throws Exception {
        orders.close();
        assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
        gone.complete("over");
        threads.shutdown();
        assertThat(threads.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    }

    private Console follow(long maxBytes) {
        return Console.follow(file, threads, gone, maxBytes, UnaryOperator.identity());
    }

    private void print(int lines) {
        try {
            orders.write(lines + "\n");
            orders.flush();
            assertThat(answers.readLine()).isEqualTo("done");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        printed += lines;
    }

    private static String line(int number) {
        return String.format("line %08d 0123456789abcdefg", number);
    }

    private static List<String> lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(ConsoleLimitTest::line).toList();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting for " + what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private static long size(Path path) {
        try {
            return Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Prints what makes the file pass half its limit, and waits until it is empty. */
    private void printUntilEmptied() throws Exception {
        print(BATCH);
        print(100);
        await("an empty file", () -> size(file) == 0);
    }

    @Test
    void nothingIsLostOfAConsoleThatPausesNowAndThen() throws Exception {
        try (Console console = follow(MAX_BYTES)) {
            List<String> seen = Collections.synchronizedList(new ArrayList<>());
            console.onLine(seen::add);
            for (int round = 0; round < 8; round++) {
                printUntilEmptied();
                assertThat(size(earlier)).isEqualTo((BATCH + 100L) * LINE_BYTES);
            }
            print(10);

            assertThat(console.awaitMatch(Pattern.compile(line(printed - 1)), LIMIT))
                    .isEqualTo(line(printed - 1));
            assertThat(console.tail(10)).isEqualTo(lines(printed - 10, printed));
            await("the last line", () -> seen.size() == printed);
            assertThat(seen).isEqualTo(lines(0, printed));
            assertThat(size(file)).as("appended after the truncation").isEqualTo(10L * LINE_BYTES);
        }
    }

    @Test
    void lateReaderGetsWhatBothFilesHold() throws Exception {
        try (Console console = follow(MAX_BYTES)) {
            printUntilEmptied();
            printUntilEmptied();
            print(BATCH);
            assertThat(console.awaitMatch(Pattern.compile(line(printed - 1)), LIMIT))
                    .isNotNull();
            List<String> seen = new ArrayList<>();
            console.onLine(seen::add);

            assertThat(seen).isEqualTo(lines(BATCH + 100, printed));
            assertThat(console.awaitMatch(Pattern.compile("^" + line(BATCH + 100)), LIMIT))
                    .as("the oldest line that is kept")
                    .isNotNull();
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> console.awaitMatch(Pattern.compile(line(7)), Duration.ofMillis(20))))
                    .as("one that was dropped")
                    .isInstanceOf(VmTimeoutException.class);
        }
    }

    @Test
    void filesStaySmallWhereTheGuestNeverPauses() throws Exception {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        try (Console console = follow(MAX_BYTES)) {
            console.onLine(seen::add);
            for (int i = 0; i < 100; i++) {
                print(500);
                assertThat(console.panicked()).as("looks at the file").isFalse();
                assertThat(size(file)).isLessThan(MAX_BYTES);
                assertThat(size(earlier)).as("and what came meanwhile").isLessThan(MAX_BYTES + 500 * LINE_BYTES);
            }
            await("a line that comes at once", () -> {
                print(1); // again and again, for any line may be the one that is lost
                return console.tail(1).contains(line(printed - 1));
            });
            await("the last line", () -> seen.contains(line(printed - 1)));
        }

        assertThat(size(earlier)).as("it was emptied at all").isPositive();
        assertThat(seen)
                .as("in order, each once")
                .filteredOn(text -> text.length() == LINE_BYTES - 1)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void withoutALimitTheFileIsLeftAlone() throws Exception {
        try (Console console = follow(0)) {
            print(10 * BATCH);

            assertThat(console.tail(1)).containsExactly(line(printed - 1));
            List<String> seen = new ArrayList<>();
            console.onLine(seen::add);
            assertThat(seen).isEqualTo(lines(0, printed));
        }
        assertThat(size(file)).isEqualTo((long) printed * LINE_BYTES);
        assertThat(earlier).doesNotExist();
    }

    @Test
    void afterTheConsoleIsClosedTheFileGrowsFreely() throws Exception {
        Console console = follow(MAX_BYTES);
        printUntilEmptied();
        console.close();
        print(5 * BATCH);

        assertThat(size(file)).isEqualTo(5L * BATCH * LINE_BYTES);
    }

    @Test
    void fileThatSomebodyElseEmptiedIsReadOn() throws Exception {
        try (Console console = follow(0)) {
            print(100);
            assertThat(console.tail(1)).containsExactly(line(99));
            Files.newOutputStream(file).close();
            assertThat(console.tail(1)).containsExactly(line(99));
            print(1);

            assertThat(console.tail(2)).containsExactly(line(99), line(100));
        }
    }

    @Test
    void whereNoCopyCanBeMadeTheFileIsEmptiedAllTheSame() throws Exception {
        Files.createDirectories(folder.resolve("console.log.1.part/in-the-way"));
        try (Console console = follow(MAX_BYTES)) {
            List<String> seen = Collections.synchronizedList(new ArrayList<>());
            console.onLine(seen::add);
            printUntilEmptied();
            print(1);
            await("the last line", () -> seen.size() == printed);

            assertThat(seen).isEqualTo(lines(0, printed));
            assertThat(earlier).doesNotExist();
        }
    }
}
