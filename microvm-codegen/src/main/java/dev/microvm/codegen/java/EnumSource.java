/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.JavaNames;
import dev.microvm.codegen.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The source of an open enumeration. */
final class EnumSource {
    private final Docs docs;

    EnumSource(Model model) {
        this.docs = new Docs(model);
    }

    String source(String name, Model.EnumType type) {
        Scope scope = new Scope(Scope.MODEL, Set.of(name));
        JavaText out = new JavaText();
        out.doc(List.of("An open enumeration of QMP: values of a newer QEMU are kept as they are."));
        out.line("public final class %s extends %s {", name, scope.qmp("QmpEnum"));
        Map<String, String> constants = new LinkedHashMap<>();
        type.values().forEach((wire, about) -> {
            String constant = JavaNames.constant(wire);
            if (constants.put(constant, wire) != null) {
                throw new IllegalArgumentException("two values of " + name + " have one name: " + constant);
            }
            out.doc(List.of("{@code " + wire + "}." + docs.about(about)));
            Docs.annotate(scope, out, about);
            out.line("public static final %s %s = new %s(\"%s\", true);", name, constant, name, wire)
                    .blank();
        });
        out.line(
                "private static final %s<String, %s> BY_VALUE = byValue(%s);",
                scope.use("java.util.Map"), name, String.join(", ", constants.keySet()));
        out.blank().line("private %s(String value, boolean known) {", name);
        out.line("super(value, known);").line("}").blank();
        out.doc(List.of(
                "Returns the constant of a value, or a new object for a value this library does not know.",
                "",
                "@param value the text on the wire",
                "@return the value"));
        out.line("public static %s of(String value) {", name);
        out.line("%s constant = BY_VALUE.get(value);", name);
        out.line("return constant == null ? new %s(value, false) : constant;", name)
                .line("}")
                .blank();
        out.doc(List.of(
                "Reads it.",
                "",
                "@param in the text",
                "@return the value",
                "@throws dev.microvm.qmp.QmpProtocolException if it is no text"));
        out.line("public static %s read(%s in) {", name, scope.qmp("QmpReader"))
                .line("return of(in.string());")
                .line("}");
        out.line("}");
        return scope.file(out.toString());
    }
}
