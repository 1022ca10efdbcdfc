/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/** Runs a program to its end; the seam at which tests put something else than a process. */
@FunctionalInterface
interface ProgramRunner {
    /**
     * Runs a program and waits for its end; at the limit it is killed.
     *
     * @param command the program and its arguments, passed as they are
     * @param limit how long it may take
     * @param output takes its standard output as it comes; written by another thread, which has finished when this returns
     * @throws IOException if it cannot be started
     * @throws InterruptedException if the calling thread is interrupted; the program is killed
     */
    Outcome run(List<String> command, Duration limit, OutputStream output) throws IOException, InterruptedException;

    /** Runs a program as {@link #run(List, Duration, OutputStream)} does, with its standard output as text in the outcome. */
    default Outcome run(List<String> command, Duration limit) throws IOException, InterruptedException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Outcome outcome = run(command, limit, output);
        return new Outcome(outcome.exitCode(), output.toString(StandardCharsets.UTF_8), outcome.errors());
    }

    /**
     * How it went.
     *
     * @param exitCode the exit code, 128 plus the number of the signal for death by a signal; empty if it was killed at the limit
     * @param output its standard output, where that was asked for as text; else empty
     * @param errors the end of its standard error
     */
    record Outcome(OptionalInt exitCode, String output, String errors) {
        /** {@return whether it ended by itself with this code} */
        boolean exitedWith(int code) {
            return exitCode.isPresent() && exitCode.getAsInt() == code;
        }

        /** {@return for people: how it ended and what it said last} */
        String explained() {
            String said = errors.strip();
            return (exitCode.isPresent() ? "exit code " + exitCode.getAsInt() : "killed at the limit")
                    + (said.isEmpty() ? "" : ": " + said.replaceAll("\\s*\\R\\s*", "; "));
        }
    }
}
