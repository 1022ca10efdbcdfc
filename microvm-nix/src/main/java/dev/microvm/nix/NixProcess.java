/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProcessRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Runs one Nix program to its end. It is asked to end by SIGTERM, upon which Nix ends its builders too. */
final class NixProcess {
    private NixProcess() {}

    /**
     * {@return how it ended, with what it printed}
     *
     * @param stdin its standard input
     * @param limit how long it may take
     * @param stderrLine told each line of its standard error, on a thread of the process
     * @throws TimeoutException if it took longer; it has been ended
     * @throws InterruptedException if the calling thread is interrupted; it has been ended
     * @throws java.io.UncheckedIOException if it cannot be started
     */
    static ProcessExit run(ProcessRequest request, String stdin, Duration limit, Consumer<String> stderrLine)
            throws InterruptedException, TimeoutException {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ProcessRequest watched = request.withStdout(stdout).withStderr(new LineOutput(stderrLine));
        try (HostProcess process = HostProcess.start(watched)) {
            CompletableFuture<ProcessExit> exit = process.onExit().toCompletableFuture();
            feed(process.stdin(), stdin.getBytes(StandardCharsets.UTF_8));
            ProcessExit end = exit.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return new ProcessExit(
                    request.command(), end.code(), stdout.toByteArray(), end.stderrTail(), end.elapsed(), false);
        } catch (ExecutionException e) {
            throw new IllegalStateException(request.command().get(0) + " could not be awaited", e.getCause());
        }
    }

    /** On a thread of its own: a pipe holds 64 KiB, and a program that never reads must not outlast the limit. */
    private static void feed(OutputStream input, byte[] bytes) {
        Runnable write = () -> {
            try (input) {
                input.write(bytes);
            } catch (IOException e) {
                // It ended without reading everything; its exit code says why.
            }
        };
        Thread thread = new Thread(write, "microvm-nix-stdin");
        thread.setDaemon(true);
        thread.start();
    }

    /** Cuts bytes into lines for the caller's progress. */
    private static final class LineOutput extends OutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private final Consumer<String> taker;

        LineOutput(Consumer<String> taker) {
            this.taker = taker;
        }

        @Override
        public void write(int b) {
            if (b == '\n') {
                taker.accept(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else {
                line.write(b);
            }
        }
    }
}
