/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProcessRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs programs as supervised processes of this JVM. */
final class HostProcessRunner implements ProgramRunner {
    @Override
    public Outcome run(List<String> command, Duration limit, OutputStream output)
            throws IOException, InterruptedException {
        ProcessRequest request = ProcessRequest.of(command).named("probe").withStdout(output);
        try (HostProcess process = HostProcess.start(request)) {
            process.stdin().close();
            CompletableFuture<ProcessExit> end = process.onExit().toCompletableFuture();
            OptionalInt code;
            try {
                code = OptionalInt.of(
                        end.get(limit.toMillis(), TimeUnit.MILLISECONDS).code());
            } catch (TimeoutException e) {
                process.stop(Duration.ZERO);
                code = OptionalInt.empty();
            }
            return new Outcome(code, "", String.join("\n", process.stderrTail()));
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
