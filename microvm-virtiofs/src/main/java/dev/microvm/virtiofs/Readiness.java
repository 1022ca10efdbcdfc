/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spi.ServiceFailedException;
import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a virtiofsd says of itself on its standard error, the same words in every version, at level info. */
final class Readiness {
    /** Connecting would be no test but the end: it ends with its first client. */
    private static final String READY = "Waiting for vhost-user socket connection";

    private static final String CONNECTED = "Client connected";

    /** From start to ready takes under 40 ms. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    /** Far more than a daemon writes before its client, at whatever level; with {@code TRACE} the tail soon knows nothing of it. */
    private static final int HEAD_BYTES = 256 * 1024;

    private Readiness() {}

    static void await(String name, SupervisedProcess started, Duration limit, SandboxChoice sandbox)
            throws InterruptedException {
        CompletableFuture<Integer> exit = started.exit().toCompletableFuture();
        long begin = System.nanoTime();
        while (started.stderrTail().stream().noneMatch(line -> line.contains(READY))) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
            if (elapsed.compareTo(limit) >= 0) {
                throw new ServiceFailedException(
                        name + " (process " + started.pid() + ") was not ready within " + limit.toMillis()
                                + " ms: it has not written \"" + READY + "...\"",
                        started.stderrTail(),
                        "run it by hand to see what it waits for");
            }
            try {
                int code = exit.get(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
                throw new ServiceFailedException(
                        name + " ended with exit code " + code + " after " + elapsed.toMillis()
                                + " ms, before it was ready",
                        started.stderrTail(),
                        "sandbox " + sandbox.sandbox() + ": " + sandbox.reason());
            } catch (TimeoutException e) {
                // still running: look again
            } catch (ExecutionException e) {
                throw new IllegalStateException("the watch over " + name + " failed", e);
            }
        }
    }

    /** {@return whether a client has ever connected; where that cannot be read any more, one has} */
    static boolean hasConnected(SupervisedProcess started) {
        try (InputStream in = Files.newInputStream(started.stderrFile())) {
            return new String(in.readNBytes(HEAD_BYTES), StandardCharsets.UTF_8).contains(CONNECTED);
        } catch (IOException e) {
            return true;
        }
    }
}
