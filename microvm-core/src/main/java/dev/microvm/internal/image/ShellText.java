/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

/** Text as a POSIX shell reads it. */
public final class ShellText {
    private ShellText() {}

    /**
     * {@return the text as one word: within single quotes every character but the single quote is itself (POSIX.1-2017, XCU 2.2.2)}
     *
     * @throws IllegalArgumentException if the text holds a NUL character: neither a shell nor execve(2) can carry it
     */
    public static String quote(String text) {
        return "'" + withoutNul(text).replace("'", "'\\''") + "'";
    }

    /**
     * {@return the text on one line, as {@code printf %b} turns it back}
     *
     * @throws IllegalArgumentException if the text holds a NUL character
     */
    public static String encode(String text) {
        return withoutNul(text).replace("\\", "\\\\").replace("\n", "\\n");
    }

    private static String withoutNul(String text) {
        int at = text.indexOf('\0');
        if (at >= 0) {
            throw new IllegalArgumentException("text has a NUL character at index " + at + "; no shell can carry one: "
                    + text.substring(0, Math.min(at, 40)));
        }
        return text;
    }
}
