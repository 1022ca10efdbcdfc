/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A real QEMU without a machine, started for one test. */
final class QemuUnderTest implements AutoCloseable {
    private static final String PROGRAM = "qemu-system-x86_64";

    private final Process process;

    private QemuUnderTest(Process process) {
        this.process = process;
    }

    /** Skips the test where QEMU is missing, or fails it where the build says that it must be there. */
    static void require() {
        Optional<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty() && Boolean.getBoolean("microvm.it.required")) {
            Assertions.fail(PROGRAM + " is missing, and -Dmicrovm.it.required=true says that it must not be");
        }
        Assumptions.assumeTrue(found.isPresent(), PROGRAM + " is missing");
    }

    static QemuUnderTest start(String... options) {
        return startProgram(PROGRAM, options);
    }

    static QemuUnderTest startProgram(String program, String... options) {
        List<String> command =
                new ArrayList<>(List.of(program, "-M", "none", "-nodefaults", "-nographic", "-display", "none"));
        command.addAll(List.of(options));
        try {
            return new QemuUnderTest(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process process() {
        return process;
    }

    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("QEMU ends").isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            awaitExit();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
