/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.util.Locale;

/**
 * A figure that has a target.
 *
 * @param name what was measured
 * @param measured the value
 * @param unit its unit, and how to print it, as a format
 * @param target what is good enough
 * @param atLeast whether more is better; else less is
 */
record QmpFigure(String name, double measured, String unit, double target, boolean atLeast) {

    static QmpFigure atMost(String name, double measured, String unit, double target) {
        return new QmpFigure(name, measured, unit, target, false);
    }

    static QmpFigure atLeast(String name, double measured, String unit, double target) {
        return new QmpFigure(name, measured, unit, target, true);
    }

    boolean met() {
        return atLeast ? measured >= target : measured <= target;
    }

    /** {@return a row of a Markdown table} */
    String row() {
        return "| " + name + " | " + String.format(Locale.ROOT, unit, measured) + " | "
                + (atLeast ? "at least " : "at most ")
                + String.format(Locale.ROOT, unit, target) + " | " + (met() ? "met" : "**missed**") + " |\n";
    }
}
