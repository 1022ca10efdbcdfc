/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mounttext;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** How systemd reads paths and arguments. (systemd.unit(5), "String escaping for inclusion in unit names"; systemd.syntax(7).) */
public final class SystemdText {
    private SystemdText() {}

    /**
     * {@return a path as the name of a unit, without its suffix, as {@code systemd-escape --path} writes it}
     *
     * @param path absolute and normalised
     */
    public static String escapePath(String path) {
        if (path.equals("/")) {
            return "-";
        }
        byte[] bytes = path.substring(1).getBytes(StandardCharsets.UTF_8);
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) (bytes[i] & 0xff);
            if (c == '/') {
                name.append('-');
            } else if (isPlain(c) && !(c == '.' && i == 0)) {
                name.append(c);
            } else {
                name.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            }
        }
        return name.toString();
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == ':'
                || c == '_'
                || c == '.';
    }

    /** {@return the text where specifiers are read: a percent sign is doubled} */
    static String value(String text) {
        return text.replace("%", "%%");
    }

    /** {@return one word of a list of paths, in quotes, with C escapes} */
    static String quoted(String text) {
        StringBuilder word = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> word.append('\\').append(c);
                case '\n' -> word.append("\\n");
                case '\t' -> word.append("\\t");
                case '%' -> word.append("%%");
                default -> word.append(c);
            }
        }
        return word.append('"').toString();
    }

    /** {@return one argument of a command line, in which a dollar sign would begin a variable} */
    static String argument(String text) {
        return quoted(text).replace("$", "$$");
    }
}
