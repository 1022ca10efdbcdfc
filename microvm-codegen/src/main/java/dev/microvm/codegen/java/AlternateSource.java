/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The source of an alternate: a sealed interface with a record for each kind of JSON value. */
final class AlternateSource {
    private final Model model;

    AlternateSource(Model model) {
        this.model = model;
    }

    String source(String name, Model.AlternateType type) {
        Map<String, Model.Ref> kinds = new LinkedHashMap<>();
        for (Model.Ref ref : type.types()) {
            String kind = kind(ref);
            Model.Ref before = kinds.put(kind, ref);
            if (before != null && before.isNamed()) {
                kinds.put(kind, before); // an open enumeration holds any text
            }
        }
        Set<String> own = kinds.keySet().stream()
                .map(AlternateSource::alternativeName)
                .collect(Collectors.toCollection(TreeSet::new));
        own.addAll(List.of(name, "Unknown"));
        Scope scope = new Scope(Scope.MODEL, own);
        JavaText out = new JavaText();
        out.doc(List.of("An alternate of QMP: a value of one of several kinds."));
        out.line("public sealed interface %s extends %s {", name, scope.qmp("QmpData"));
        kinds.forEach((kind, ref) -> factory(scope, out, name, kind, ref));
        out.doc(List.of(
                "Reads it.",
                "",
                "@param in the value",
                "@return the value; {@link Unknown} for a kind this library does not know",
                "@throws dev.microvm.qmp.QmpProtocolException if it is of a known kind, but not of its form"));
        out.line("static %s read(%s in) {", name, scope.qmp("QmpReader"));
        out.line("return switch (in.value().kind()) {");
        kinds.forEach((kind, ref) ->
                out.line("case %s -> new %s(%s);", kind, alternativeName(kind), alternativeRead(scope, ref)));
        out.line("default -> new Unknown(in.value());").line("};").line("}");
        kinds.forEach((kind, ref) -> alternative(scope, out, name, alternativeName(kind), ref));
        alternative(scope, out, name, "Unknown", new Model.Ref("any", 0));
        out.line("}");
        return scope.file(out.toString());
    }

    private static void factory(Scope scope, JavaText out, String name, String kind, Model.Ref ref) {
        if (kind.equals("NULL")) {
            out.doc(List.of("{@return the null value}"));
            out.line("static %s ofNull() {", name).line("return new OfNull(%s.Null.NULL);", scope.qmp("JsonValue"));
        } else {
            out.doc(List.of("Returns it.", "", "@param value the value", "@return the value as one of this type"));
            out.line("static %s of(%s value) {", name, scope.type(ref));
            out.line("return new %s(value);", alternativeName(kind));
        }
        out.line("}").blank();
    }

    private static void alternative(Scope scope, JavaText out, String name, String alternative, Model.Ref ref) {
        out.blank();
        out.doc(List.of(
                alternative.equals("Unknown") ? "A kind that this library does not know." : "One of the kinds.",
                "",
                "@param value the value"));
        out.line("record %s(%s value) implements %s {", alternative, scope.type(ref), name);
        if (ref.arrays() > 0) {
            out.line("/**")
                    .line(" * Copies the list.")
                    .line(" *")
                    .line(" * " + "@param value the value")
                    .line(" */")
                    .line("public %s {", alternative)
                    .line("value = List.copyOf(value);")
                    .line("}")
                    .blank();
        }
        out.line("@Override")
                .line("public void write(%s out) {", scope.qmp("QmpWriter"))
                .line("out.value(value);")
                .line("}");
        RecordSource.identity(scope, out);
        out.line("}");
    }

    private static String alternativeRead(Scope scope, Model.Ref ref) {
        String reader = scope.reader(ref);
        if (ref.arrays() > 0) {
            return "in.list(" + scope.reader(ref.element()) + ")";
        }
        return ref.isNamed()
                ? scope.boxed(ref) + ".read(in)"
                : "in." + reader.substring(reader.indexOf("::") + 2) + "()";
    }

    private static String alternativeName(String kind) {
        return switch (kind) {
            case "ARRAY" -> "OfList";
            case "BOOLEAN" -> "OfBoolean";
            case "NULL" -> "OfNull";
            case "NUMBER" -> "OfInteger";
            case "OBJECT" -> "OfObject";
            default -> "OfText";
        };
    }

    private String kind(Model.Ref ref) {
        if (ref.arrays() > 0) {
            return "ARRAY";
        }
        return switch (ref.name()) {
            case "str" -> "STRING";
            case "int" -> "NUMBER";
            case "bool" -> "BOOLEAN";
            case "null" -> "NULL";
            default -> model.type(ref.name()) instanceof Model.EnumType ? "STRING" : "OBJECT";
        };
    }
}
