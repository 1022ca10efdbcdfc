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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
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
}
