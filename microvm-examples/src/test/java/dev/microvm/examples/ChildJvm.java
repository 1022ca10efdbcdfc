/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Another JVM with this test's class path, in a session and process group of its own, for everything that kills JVMs. */
final class ChildJvm implements AutoCloseable {
    /** No program writes a line break into a line. */
    private static final String END = "(end of output)\n";

    private static final Duration READER_END = Duration.ofSeconds(10);

    private final Process process;
    private final Thread reader;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    private ChildJvm(Process process) {
        this.process = process;
        this.reader = new Thread(
                () -> {
                    try (BufferedReader in = new BufferedReader(
                            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                        in.lines().forEach(lines::add);
                    } catch (IOException | java.io.UncheckedIOException e) {
                        lines.add("(output ended: " + e + ")");
                    } finally {
                        lines.add(END);
                    }
                },
                "child-jvm-output");
        reader.setDaemon(true);
        reader.start();
    }

    static ChildJvm start(Class<?> program, String... arguments) throws IOException {
        return start(List.of(), program, arguments);
    }

    /** Starts it behind a prefix, such as {@code setpriv --reuid=65534 ...}. */
    static ChildJvm start(List<String> prefix, Class<?> program, String... arguments) throws IOException {
        return startWithClassPath(prefix, classPath(), program, arguments);
    }

    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    static ChildJvm startWithClassPath(List<String> prefix, String classPath, Class<?> program, String... arguments)
            throws IOException {
        return start(Map.of(), prefix, classPath, program, arguments);
    }

    static ChildJvm start(
            Map<String, String> environment,
            List<String> prefix,
            String classPath,
            Class<?> program,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                classPath,
                program.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new ChildJvm(builder.start());
    }

    long pid() {
        return process.pid();
    }

    /** Waits for a line that starts with a word and gives the rest of it. */
    String awaitLine(String word, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            String line = lines.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null || line.equals(END)) {
                throw new AssertionError("no line \"" + word + " ...\" "
                        + (line == null ? "within " + limit : "to the end of its output") + "; the program said:\n"
                        + String.join("\n", seen));
            }
            seen.add(line);
            if (line.startsWith(word + " ")) {
                return line.substring(word.length() + 1);
            }
        }
    }

    /** Waits for the end, and for all that it wrote: another thread reads that, and may come later. */
    int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError("the program did not end within " + limit + "; it said:\n" + output());
        }
        reader.join(READER_END.toMillis());
        if (reader.isAlive()) {
            throw new AssertionError("the program ended, but " + READER_END
                    + " later something still holds its output open; it said:\n" + output());
        }
        return process.exitValue();
    }

    String output() {
        lines.drainTo(seen);
        seen.remove(END);
        return String.join("\n", seen);
    }

    /** Writes to its standard input. */
    void type(String text) throws IOException {
        process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Closes its standard input. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    void kill(String signal) throws IOException, InterruptedException {
        signal(process.pid(), signal);
    }

    static void signal(long pid, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-s", signal, "--", Long.toString(pid))
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
