/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.util.ArrayList;
import java.util.List;

/**
 * QEMU's own reading of an option list, written from the description of its rules: items are separated by commas; within a value two
 * commas stand for one; a first item without an equals sign is the value of an implied key.
 */
final class QemuOptions {
    static final String IMPLIED = "(implied)";

    record Option(String key, String value) {}

    private final String text;
    private int at;

    private QemuOptions(String text) {
        this.text = text;
    }

    static List<Option> parse(String text) {
        return new QemuOptions(text).all();
    }

    /** {@return the values of a key, in order} */
    static List<String> values(String text, String key) {
        return parse(text).stream()
                .filter(option -> option.key().equals(key))
                .map(Option::value)
                .toList();
    }

    private List<Option> all() {
        List<Option> options = new ArrayList<>();
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
                end++;
            }
            boolean keyed = end < text.length() && text.charAt(end) == '=';
            String key = keyed ? text.substring(at, end) : IMPLIED;
            if (keyed) {
                at = end + 1;
            }
            options.add(new Option(key, value()));
        }
        return options;
    }

    private String value() {
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next == ',') {
                if (at == text.length() || text.charAt(at) != ',') {
                    break;
                }
                at++;
            }
            value.append(next);
        }
        return value.toString();
    }
}
