/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.testing.FakeQmpServer;
import dev.microvm.qmp.testing.FakeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A session with a scripted server. */
abstract class AbstractSessionTest {
    static final Duration SHORT = Duration.ofMillis(30);
    static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    FakeQmpServer server;

    abstract TransportKind transport();

    @BeforeEach
    void makeServer() {
        server = FakeQmpServer.qemu().version(new QmpVersion(7, 2, 22, "Debian 1:7.2"));
    }

    @AfterEach
    void closeServer() {
        server.close();
    }

    QmpOptions.Builder options() {
        return QmpOptions.builder()
                .name("test")
                .transport(transport())
                .connectTimeout(LONG)
                .commandTimeout(LONG);
    }

    QmpClient connect(QmpOptions options) {
        server.listen(folder.resolve("q"));
        return QmpClient.connect(folder.resolve("q"), options);
    }

    QmpClient connect() {
        return connect(options().build());
    }

    /** Waits for a command that the server leaves unanswered. */
    FakeRequest awaitRequest(String command) {
        return server.awaitRequest(command, LONG);
    }

    static List<String> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("microvm-qmp-"))
                .collect(Collectors.toList());
    }

    static long openDescriptors() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
