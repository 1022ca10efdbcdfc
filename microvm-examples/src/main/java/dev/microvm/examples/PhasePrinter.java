/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.VmListener;
import dev.microvm.error.Phase;
import java.time.Duration;

/** Shows each phase of a start with its time, and what was chosen and why. */
record PhasePrinter(Report report) implements VmListener {
    @Override
    public void phaseCompleted(Phase phase, Duration elapsed) {
        report.say(String.format("%-9s %6d ms", phase, elapsed.toMillis()));
    }

    @Override
    public void note(Phase phase, String text) {
        report.say(String.format("%-9s %s", phase, text));
    }
}
