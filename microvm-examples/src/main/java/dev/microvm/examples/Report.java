/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Prints one line per fact and remembers whether all of them held. */
final class Report {
    private final PrintStream out;
    private final List<String> broken = new ArrayList<>();
    private int checked;

    Report(PrintStream out) {
        this.out = out;
    }

    /** Says something that is neither right nor wrong. */
    void say(String text) {
        out.println("       " + text);
        out.flush();
    }

    /** States a fact; a broken one makes the program fail at its end. */
    void fact(String fact, boolean holds) {
        checked++;
        out.println((holds ? "[ ok ] " : "[FAIL] ") + fact);
        out.flush();
        if (!holds) {
            broken.add(fact);
        }
    }

    /** States a fact about a value, shown where it is another. */
    void fact(String fact, Object actual, Object expected) {
        boolean holds = actual.equals(expected);
        fact(holds ? fact : fact + " (expected " + expected + ", found " + actual + ")", holds);
    }

    boolean allHold() {
        return checked > 0 && broken.isEmpty();
    }

    String summary() {
        return broken.isEmpty()
                ? "all " + checked + " facts hold"
                : broken.size() + " of " + checked + " facts do not hold: " + String.join("; ", broken);
    }
}
