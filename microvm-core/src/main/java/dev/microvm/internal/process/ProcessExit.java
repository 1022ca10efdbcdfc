/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * How a program on the host ended. A value: whoever called decides whether it is a failure.
 *
 * @param command the program and its arguments
 * @param code its exit code; 128 + n for death by signal n
 * @param stdout what it wrote to standard output, where that was captured, else empty
 * @param stderrTail the last lines of its standard error
 * @param elapsed from start to end
 * @param timedOut whether it was killed because its time was up
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out; output need not be text
public record ProcessExit(
        List<String> command, int code, byte[] stdout, List<String> stderrTail, Duration elapsed, boolean timedOut) {
    /** Copies what could change. */
    public ProcessExit {
        command = List.copyOf(command);
        stdout = stdout.clone();
        stderrTail = List.copyOf(stderrTail);
    }

    @Override
    public byte[] stdout() {
        return stdout.clone();
    }

    /** {@return the captured standard output as UTF-8 text; what is not UTF-8 becomes U+FFFD} */
    public String text() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /** {@return whether it ended by itself with code 0} */
    public boolean succeeded() {
        return code == 0 && !timedOut;
    }

    /** {@return one or more lines for a message: the command, how it ended, and what it said on standard error} */
    public String describe() {
        StringBuilder text = new StringBuilder();
        text.append('"').append(String.join(" ", command)).append('"');
        text.append(timedOut ? " was killed because its time was up, " : " ended with exit code " + code + ", ");
        text.append(elapsed.toMillis()).append(" ms after its start");
        if (stderrTail.isEmpty()) {
            text.append(" and wrote nothing to standard error");
        } else {
            text.append("; the end of its standard error:");
            stderrTail.forEach(line -> text.append("\n  | ").append(line));
        }
        return text.toString();
    }

    /** {@return the same end under another command: the one that matters, where that was run by another one} */
    public ProcessExit of(List<String> inner) {
        return new ProcessExit(inner, code, stdout, stderrTail, elapsed, timedOut);
    }

    ProcessExit asTimedOut() {
        return new ProcessExit(command, code, stdout, stderrTail, elapsed, true);
    }
}
