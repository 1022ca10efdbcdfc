/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DaemonExecutor;
import org.apache.commons.exec.ExecuteException;
import org.apache.commons.exec.ExecuteResultHandler;
import org.jspecify.annotations.Nullable;

/**
 * Commons Exec with the three things it does not offer: the {@link Process}, arguments that arrive as they are, and a way to let a
 * process go.
 */
final class WatchedExecutor extends DaemonExecutor {
    private final ProcessRequest request;
    private final CompletableFuture<ReleasableProcess> launched = new CompletableFuture<>();
    private final CompletableFuture<Integer> code = new CompletableFuture<>();

    @SuppressWarnings("deprecation") // the builder cannot build a subclass
    WatchedExecutor(ProcessRequest request, ProcessStreams streams) {
        this.request = request;
        setStreamHandler(streams);
        setExitValues(null); // every code is an answer; the caller judges
    }

    /** Starts the program; what becomes of it is told by {@link #launched()} and {@link #code()}. */
    void start() throws IOException {
        CommandLine command = new CommandLine(request.name().isBlank() ? "program" : request.name());
        execute(command, request.environment(), new ExecuteResultHandler() {
            @Override
            public void onProcessComplete(int exitValue) {
                if (exitValue != ReleasableProcess.RELEASED) {
                    code.complete(exitValue);
                }
            }

            // A missing program arrives here and nowhere else, with the exit value 0xDEADBEEF and the reason as cause.
            @Override
            public void onProcessFailed(ExecuteException e) {
                Throwable reason = e.getCause() == null ? e : e.getCause();
                launched.completeExceptionally(reason);
                code.completeExceptionally(reason);
            }
        });
    }

    CompletableFuture<ReleasableProcess> launched() {
        return launched;
    }

    CompletableFuture<Integer> code() {
        return code;
    }

    // Commons Exec's own launcher would be given a CommandLine, which trims each argument (1.6.0: CommandLine.Argument)
    // and turns
    // backslashes of the program's path into slashes. The working directory is this JVM's.
    @Override
    protected Process launch(CommandLine ignored, @Nullable Map<String, String> environment, @Nullable Path directory)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(request.command()));
        // This JVM's own is left as it is: copied, values that are no text in its character set would be changed.
        if (!request.baseEnvironment().equals(System.getenv())) {
            builder.environment().clear();
            builder.environment().putAll(request.baseEnvironment());
        }
        builder.environment().putAll(request.environment());
        ReleasableProcess process = new ReleasableProcess(builder.start());
        launched.complete(process);
        return process;
    }

    @Override
    protected Thread createThread(Runnable runnable, String ignored) {
        return ProcessStreams.daemon(request.name() + "-exit", runnable);
    }
}
