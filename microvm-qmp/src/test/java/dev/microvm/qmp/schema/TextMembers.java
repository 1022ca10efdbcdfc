/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Which members hold secrets: a list made by hand, and not by the rule that it is to judge. */
final class TextMembers {
    static final Set<String> SECRET = part("secret:");
    static final Set<String> PUBLIC = part("public:");

    private TextMembers() {}

    private static Set<String> part(String head) {
        try (InputStream in = Objects.requireNonNull(TextMembers.class.getResourceAsStream("text-members.txt"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int start = text.indexOf(head) + head.length();
            int end = text.indexOf("\n\n", start);
            return new TreeSet<>(Arrays.asList(
                    text.substring(start, end < 0 ? text.length() : end).strip().split("\\s+", -1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The members of a schema that may hold a text. */
    static Set<String> of(Schema schema) {
        Set<String> found = new TreeSet<>();
        for (Schema.Type type : schema.types().values()) {
            if (type instanceof Schema.Struct struct) {
                struct.members().forEach((name, member) -> {
                    if (holdsText(schema, member.type())) {
                        found.add(name);
                    }
                });
            }
        }
        return found;
    }

    private static boolean holdsText(Schema schema, String name) {
        if (schema.type(name) instanceof Schema.Array array) {
            return holdsText(schema, array.item());
        }
        return schema.alternatives(name).stream().anyMatch(each -> each.equals("str") || each.equals("any"));
    }
}
