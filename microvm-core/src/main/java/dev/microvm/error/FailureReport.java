/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Everything a person needs to understand a failure without running it again.
 *
 * @param attempted what was attempted, as a phrase: {@code start VM "dev"}
 * @param phase the phase in which it failed
 * @param elapsed how long the attempt had taken
 * @param phaseElapsed how long of that was spent in the phase; all of it where the attempt is no more than that
 * @param lastObservation the last thing that was seen to happen
 * @param consoleTail the last lines of the guest's console; may be empty
 * @param stderrTail the last lines of QEMU's standard error, those of a service that died before them, with its name in front; may be
 *     empty
 * @param commandLine QEMU's command line; empty before it was rendered
 * @param hint the cure, as far as it is known; may be empty
 */
public record FailureReport(
        String attempted,
        Phase phase,
        Duration elapsed,
        Duration phaseElapsed,
        String lastObservation,
        List<String> consoleTail,
        List<String> stderrTail,
        List<String> commandLine,
        String hint) {

    /**
     * Copies the lists.
     *
     * @param attempted not null; a phrase that fits after {@code attempted:}
     * @param phase not null; {@link Phase#RUNNING} for what is done with a running VM
     * @param elapsed not null; shown in milliseconds
     * @param phaseElapsed not null; shown in milliseconds where it is not all of it
     * @param lastObservation not null; shown unless empty
     * @param consoleTail oldest line first; copied
     * @param stderrTail oldest line first; copied
     * @param commandLine one argument an item; copied
     * @param hint not null; shown unless empty
     */
    public FailureReport {
        Objects.requireNonNull(attempted, "attempted");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(phaseElapsed, "phaseElapsed");
        Objects.requireNonNull(lastObservation, "lastObservation");
        consoleTail = List.copyOf(consoleTail);
        stderrTail = List.copyOf(stderrTail);
        commandLine = List.copyOf(commandLine);
        Objects.requireNonNull(hint, "hint");
    }

    /**
     * Creates one of an attempt that was made within one phase.
     *
     * @param attempted not null; a phrase that fits after {@code attempted:}
     * @param phase not null; {@link Phase#RUNNING} for what is done with a running VM
     * @param elapsed not null; also the time in the phase
     * @param lastObservation not null; shown unless empty
     * @param consoleTail oldest line first; copied
     * @param stderrTail oldest line first; copied
     * @param commandLine one argument an item; copied
     * @param hint not null; shown unless empty
     */
    public FailureReport(
            String attempted,
            Phase phase,
            Duration elapsed,
            String lastObservation,
            List<String> consoleTail,
            List<String> stderrTail,
            List<String> commandLine,
            String hint) {
        this(attempted, phase, elapsed, elapsed, lastObservation, consoleTail, stderrTail, commandLine, hint);
    }

    /**
     * {@return a report without tails and command line}
     *
     * @param attempted a phrase that fits after {@code attempted:}
     * @param phase the phase in which it failed
     * @param elapsed how long the attempt had taken
     * @param lastObservation the last thing that was seen to happen; may be empty
     * @param hint the cure; empty where none is known
     */
    public static FailureReport of(
            String attempted, Phase phase, Duration elapsed, String lastObservation, String hint) {
        return new FailureReport(attempted, phase, elapsed, lastObservation, List.of(), List.of(), List.of(), hint);
    }

    /**
     * {@return the report as several lines of text, the headline first}
     *
     * @param headline what did not happen, as the first line; it may itself have several lines
     */
    public String describe(String headline) {
        StringBuilder text = new StringBuilder(headline);
        text.append("\n  attempted: ").append(attempted);
        text.append("\n  phase: ").append(phase).append(", after ");
        if (!phaseElapsed.equals(elapsed)) {
            text.append(phaseElapsed.toMillis()).append(" ms in it and ");
        }
        text.append(elapsed.toMillis()).append(" ms");
        text.append(phaseElapsed.equals(elapsed) ? "" : " in all");
        line(text, "last seen", lastObservation);
        line(text, "hint", hint);
        block(text, "console (last lines)", consoleTail);
        block(text, "stderr (last lines)", stderrTail);
        if (!commandLine.isEmpty()) {
            text.append("\n  command line: ").append(String.join(" ", commandLine));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String label, String value) {
        if (!value.isEmpty()) {
            text.append("\n  ").append(label).append(": ").append(value);
        }
    }

    private static void block(StringBuilder text, String label, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append("\n  ").append(label).append(":");
            lines.forEach(line -> text.append("\n    | ").append(line));
        }
    }
}
