/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of the same JDK in which nothing has happened yet. */
final class FreshJvm {
    private static final long LIMIT_SECONDS = 180;

    private final String classPath;
    private final List<String> options;

    /**
     * Describes what to launch.
     *
     * @param classPath the class path
     * @param options options of the JVM
     */
    FreshJvm(String classPath, List<String> options) {
        this.classPath = classPath;
        this.options = List.copyOf(options);
    }

    /** {@return the running JVM; its standard error is this program's} */
    Process start(Class<?> program, String... arguments) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /**
     * Runs a program to its end.
     *
     * @return what it printed
     * @throws IOException if it fails or takes longer than three minutes
     * @throws InterruptedException if the calling thread is interrupted
     */
    String run(Class<?> program, String... arguments) throws IOException, InterruptedException {
        Process child = start(program, arguments);
        try {
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!child.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || child.exitValue() != 0) {
                throw new IOException("the fresh JVM failed; it said: " + said);
            }
            return said;
        } finally {
            child.destroyForcibly();
        }
    }
}
