/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.GuestInput;
import dev.microvm.guest.GuestProcess;
import dev.microvm.guest.GuestShell;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Hands the terminal to a shell in the guest. The guest's {@code script} (util-linux) gives the shell a terminal of its own, this
 * terminal is made raw meanwhile. Without a terminal the guest's shell reads commands from standard input.
 */
final class InteractiveShell {
    private static final File TERMINAL = new File("/dev/tty");
    /** A person may think for long. */
    private static final Duration PATIENCE = Duration.ofDays(365);

    private final GuestShell shell;
    private final Report report;

    InteractiveShell(GuestShell shell, Report report) {
        this.shell = shell;
        this.report = report;
    }

    void run() throws IOException, InterruptedException {
        if (!standardInputIsATerminal()) {
            report.say("no terminal: the guest's shell reads commands from standard input");
            attach(ExecRequest.builder().addCommand("/bin/sh"));
            return;
        }
        String saved = stty("-g");
        String[] size = stty("size").split(" ", 2);
        report.say("a shell in the VM; it stops when you leave the shell (exit, or Ctrl-D)");
        try {
            stty("raw", "-echo");
            String script = "stty rows " + size[0] + " cols " + size[1] + "; cd /root 2>/dev/null; exec bash -i";
            attach(ExecRequest.builder()
                    .addCommand("script", "-qfc", script, "/dev/null")
                    .putEnvironment("TERM", System.getenv().getOrDefault("TERM", "vt100"))
                    .putEnvironment("SHELL", "/bin/sh"));
        } finally {
            stty(saved);
        }
    }

    private void attach(ExecRequest.Builder request) {
        // Bytes must go on as they are typed: transferTo would wait for a full buffer.
        GuestInput typed = out -> {
            byte[] buffer = new byte[4096];
            for (int count = System.in.read(buffer); count >= 0; count = System.in.read(buffer)) {
                out.write(buffer, 0, count);
                out.flush();
            }
        };
        try (GuestProcess process = shell.start(
                request.stdin(typed).stdoutTo(System.out).stderrTo(System.err).build())) {
            report.say("the guest's shell ended with exit code "
                    + process.await(PATIENCE).exitCode());
        }
    }

    private static boolean standardInputIsATerminal() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("test", "-t", "0")
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .start();
        return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    private static String stty(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectInput(TERMINAL)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command + " failed");
        }
        return output;
    }
}
