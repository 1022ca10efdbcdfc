/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import java.util.List;

/** Java source under construction: lines that indent themselves by their braces. */
final class JavaText {
    private final StringBuilder text = new StringBuilder();
    private int depth;

    @SuppressWarnings("AnnotateFormatMethod") // the annotation is of a library that nothing else here needs
    JavaText line(String format, Object... values) {
        String line = values.length == 0 ? format : String.format(format, values);
        if (line.startsWith("}")) {
            depth--;
        }
        text.append(line.isEmpty() ? "" : "    ".repeat(depth)).append(line).append('\n');
        if (line.endsWith("{")) {
            depth++;
        }
        return this;
    }

    JavaText blank() {
        text.append('\n');
        return this;
    }

    /** A documentation comment; empty lines stand for themselves. */
    JavaText doc(List<String> lines) {
        if (lines.size() == 1) {
            return line("/** %s */", lines.get(0));
        }
        line("/**");
        for (String line : lines) {
            line(line.isEmpty() ? " *" : " * " + line);
        }
        return line(" */");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
