/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.nio.file.Path;

/**
 * The comma-separated value of an option, such as {@code user,id=net0,restrict=on}: the only place that joins with commas and doubles
 * the commas within values. (QEMU, {@code util/qemu-option.c} and {@code util/keyval.c} read a doubled comma as one; there is no other
 * escape, and quotes, blanks and backslashes stand for themselves.)
 */
final class OptionList {
    private final StringBuilder text = new StringBuilder();

    private OptionList() {}

    /** {@return a list that begins with a bare word, such as a driver's name} */
    static OptionList of(String first) {
        OptionList list = new OptionList();
        list.text.append(escaped(first));
        return list;
    }

    /** {@return a list that begins with a key and its value} */
    static OptionList of(String key, String value) {
        OptionList list = new OptionList();
        list.text.append(key).append('=').append(escaped(value));
        return list;
    }

    /** Adds a key and its value. */
    OptionList with(String key, String value) {
        text.append(',').append(key).append('=').append(escaped(value));
        return this;
    }

    /** Adds a key and a number. */
    OptionList with(String key, long value) {
        return with(key, Long.toString(value));
    }

    /** Adds a key and a path, as it is. */
    OptionList with(String key, Path value) {
        return with(key, value.toString());
    }

    /** Adds a switch, {@code key=on} or {@code key=off}. */
    OptionList with(String key, boolean value) {
        return with(key, value ? "on" : "off");
    }

    String text() {
        return text.toString();
    }

    @Override
    public String toString() {
        return text();
    }

    private static String escaped(String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("option value holds a NUL, which no argument can carry");
        }
        return value.replace(",", ",,");
    }
}
