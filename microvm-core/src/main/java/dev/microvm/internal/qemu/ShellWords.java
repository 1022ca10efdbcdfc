/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.util.regex.Pattern;

/** Quotes words for a POSIX shell. (POSIX.1-2017, XCU 2.2.2: within single quotes every character but the single quote is itself.) */
final class ShellWords {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private ShellWords() {}

    /** {@return the word, in single quotes where a shell would read more than the word itself} */
    static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
