/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.util.ArrayList;
import java.util.List;

/**
 * The lines a script of the control loop prints: the first 1000 of them and of those 1 MiB at most, for a guest must not decide how much of
 * the host's memory is used. What was left out is told in a last line. Not thread-safe.
 */
final class ScriptOutput {
    static final int MOST_LINES = 1000;
    static final int MOST_CHARACTERS = 1 << 20;

    private final List<String> lines = new ArrayList<>();
    private int characters;
    private long leftOut;

    void take(String line) {
        if (leftOut > 0 || lines.size() == MOST_LINES || characters + line.length() > MOST_CHARACTERS) {
            leftOut++;
        } else {
            lines.add(line);
            characters += line.length();
        }
    }

    List<String> lines() {
        List<String> all = new ArrayList<>(lines);
        if (leftOut > 0) {
            all.add("(" + leftOut + " more lines were left out)");
        }
        return all;
    }
}
