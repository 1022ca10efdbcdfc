/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.util.ArrayList;
import java.util.List;

/** Collects arguments in the order in which they are given; used while one command line is rendered. */
final class Arguments {
    private final List<Argument> words = new ArrayList<>();

    /** Adds an option without a value. */
    void flag(String option, String reason) {
        words.add(new Argument(option, reason));
    }

    /** Adds an option and its value. */
    void option(String option, String value, String reason) {
        words.add(new Argument(option, reason));
        words.add(new Argument(value, reason));
    }

    /** Adds an option whose value is a list. */
    void option(String option, OptionList value, String reason) {
        option(option, value.text(), reason);
    }

    List<Argument> list() {
        return List.copyOf(words);
    }
}
