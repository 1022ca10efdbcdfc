/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A QEMU that has connected to us, and the client that talks to it. Closing it ends both. */
final class ReleaseSession implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(120);

    private final Process process;
    private final QmpClient client;

    private ReleaseSession(Process process, QmpClient client) {
        this.process = process;
        this.client = client;
    }

    static ReleaseSession start(Path program, Path folder, List<String> machine) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(machine);
        command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-S"));
        QmpOptions options = QmpOptions.builder()
                .connectTimeout(LONG)
                .commandTimeout(LONG)
                .socketWait(LONG)
                .build();
        try {
            Path own = Files.createTempDirectory(folder, "qemu");
            Path socket = own.resolve("qmp.sock");
            Path output = own.resolve("output");
            command.addAll(List.of("-qmp", "unix:" + socket));
            try (QmpListener listener = QmpListener.bind(socket, options)) {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(output.toFile())
                        .start();
                try {
                    return new ReleaseSession(process, listener.accept(LONG, process.onExit()));
                } catch (RuntimeException | Error e) {
                    end(process);
                    throw new AssertionError(
                            String.join(" ", command) + " did not start: " + Files.readString(output), e);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    QmpClient client() {
        return client;
    }

    private static void end(Process process) {
        process.destroyForcibly();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("QEMU ends").isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            client.close();
        } finally {
            end(process);
        }
    }
}
