/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.util.List;

/** Writes small expressions of the Nix language. */
final class NixExpressions {
    private NixExpressions() {}

    /** A file with a text, and with references to paths: nothing is built for it. */
    static String textFile(String name, String text, List<String> references) {
        StringBuilder context = new StringBuilder();
        references.forEach(path -> context.append(string(path)).append(" = { path = true; }; "));
        return "builtins.toFile " + string(name) + " (builtins.appendContext " + string(text) + " { " + context + "})";
    }

    /** A string literal. (Nix manual, "String literal": a raw CR LF would be read as LF, and a dollar and a brace begin an interpolation.) */
    static String string(String text) {
        StringBuilder literal = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\0' ->
                    throw new IllegalArgumentException("text has a NUL at " + i + ": Nix strings cannot hold one");
                case '"', '\\', '$' -> literal.append('\\').append(c);
                case '\r' -> literal.append("\\r");
                default -> literal.append(c);
            }
        }
        return literal.append('"').toString();
    }
}
