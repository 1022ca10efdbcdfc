/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A second JVM with a lifeline and two programs, one of which ignores SIGTERM: made to be killed. */
final class DoomedJvm {
    private final Process process;
    private final Path state;
    private final long[] pids;

    private DoomedJvm(Process process, Path state, long[] pids) {
        this.process = process;
        this.state = state;
        this.pids = pids;
    }

    /** Starts it in a session, and so a process group, of its own, as a shell does with a terminal's command. */
    static DoomedJvm start(Path state, String mode, String... shell) throws IOException {
        Process process = builder(state, mode, shell).start();
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = answers.readLine();
        assertThat(line).as("the pids of the second JVM").isNotNull();
        return new DoomedJvm(
                process,
                state,
                Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray());
    }

    /** {@return what starts it} For a JVM that will not come as far as telling its process ids. */
    static ProcessBuilder builder(Path state, String mode, String... shell) {
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                DoomedJvm.class.getName(),
                state.toString(),
                mode));
        command.addAll(List.of(shell));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    private static String classPath() {
        String basedir = System.getProperty("basedir", ".");
        return String.join(
                ":",
                basedir + "/target/test-classes",
                basedir + "/target/classes",
                System.getProperty("java.class.path", ""),
                System.getProperty("jdk.module.path", ""));
    }

    long pid() {
        return process.pid();
    }

    long lifeline() {
        return pids[0];
    }

    long[] programs() {
        return new long[] {pids[1], pids[2]};
    }

    long[] everything() {
        return new long[] {pid(), pids[0], pids[1], pids[2]};
    }

    Path state() {
        return state;
    }

    /** Sends a signal to processes (a negative id: a group) in one system call each, as close together as a shell can. */
    static void signal(String name, long... pids) throws InterruptedException {
        StringBuilder script = new StringBuilder("kill -s " + name + " --");
        for (long pid : pids) {
            script.append(' ').append(pid);
        }
        ProcessExit exit = HostProcess.run(List.of("sh", "-c", script.toString()), Map.of(), Duration.ofSeconds(5));
        assertThat(exit.code()).as(exit.describe()).isZero();
    }

    public static void main(String[] arguments) throws Exception {
        Lifeline lifeline = Lifeline.start(LifelineOptions.of("doomed", Path.of(arguments[0]))
                .withGrace(Duration.ofMillis(500))
                .withShell(Arrays.copyOfRange(arguments, 2, arguments.length)));
        long polite = lifeline.spawn(SpawnRequest.of("polite", List.of("sleep", "300")))
                .pid();
        long stubborn = lifeline.spawn(SpawnRequest.of("stubborn", List.of("sh", "-c", LifelineTest.STUBBORN)))
                .pid();
        Eventually.is(
                "up",
                () -> OutputTail.ofFile(lifeline.stateFolder().resolve("stubborn.stdout"), 1)
                        .contains("up"));
        if (arguments[1].equals("detach")) {
            lifeline.detach();
        }
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        answers.println(lifeline.pid() + " " + polite + " " + stubborn);
        if (arguments[1].equals("exit")) {
            System.exit(0);
        }
        LockSupport.parkNanos(Duration.ofMinutes(2).toNanos());
    }
}
