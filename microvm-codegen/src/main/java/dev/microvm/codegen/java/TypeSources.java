/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.JavaNames;
import dev.microvm.codegen.model.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Sources of the types of the model: records, sealed unions, open enumerations, alternates. */
final class TypeSources {
    private final Model model;
    private final Docs docs;
    /** The types of which arguments are made; only these have builders. */
    private final Set<String> ofArguments;

    TypeSources(Model model, Set<String> ofArguments) {
        this.model = model;
        this.docs = new Docs(model);
        this.ofArguments = ofArguments;
    }

    String source(String name, Model.Type type) {
        if (type instanceof Model.ObjectType object) {
            return object(name, object);
        } else if (type instanceof Model.UnionType union) {
            return union(name, union);
        } else if (type instanceof Model.EnumType enumeration) {
            return enumeration(name, enumeration);
        }
        return alternate(name, (Model.AlternateType) type);
    }

    private String object(String name, Model.ObjectType type) {
        Scope scope = new Scope(Scope.MODEL, Set.of(name));
        JavaText out = new JavaText();
        List<Component> components = Component.of(type.members());
        out.doc(docs.type("An object of QMP.", docs.everywhere(), components));
        RecordSource record = new RecordSource(model, scope, out, name, components);
        record.open(scope.qmp("QmpObject"));
        record.reader("read", "it");
        record.writer("writeMembers", "", "");
        record.finders();
        if (ofArguments.contains(name)) {
            record.factory();
            record.builder();
        }
        out.line("}");
        return scope.file(out.toString());
    }

    private String union(String name, Model.UnionType type) {
        Map<String, String> branchNames = new LinkedHashMap<>();
        type.branches().keySet().forEach(branch -> branchNames.put(branch, branchName(branch)));
        Set<String> own = new TreeSet<>(branchNames.values());
        if (own.size() != branchNames.size()) {
            throw new IllegalArgumentException("two branches of " + name + " have one name: " + branchNames);
        }
        own.addAll(List.of(name, "Unknown"));
        Scope scope = new Scope(Scope.MODEL, own);
        JavaText out = new JavaText();
        List<Component> base = Component.of(type.base());
        Component tag = base.stream()
                .filter(each -> each.wire().equals(type.tag()))
                .findFirst()
                .orElseThrow();
        out.line("/** A union of QMP, told apart by {@code %s}. */", type.tag());
        out.line("public sealed interface %s extends %s {", name, scope.qmp("QmpObject"));
        for (Component component : base) {
            out.doc(List.of(
                    "{@return {@code " + component.wire() + "}" + (component.optional() ? ", or null" : "") + "}"));
            if (component.about().deprecated()) {
                out.line("@Deprecated");
            }
            out.line("%s %s();", component.type(scope), component.name()).blank();
        }
        out.doc(List.of(
                "Reads it.",
                "",
                "@param in the object",
                "@return the value; {@link Unknown} for a branch this library does not know",
                "@throws dev.microvm.qmp.QmpProtocolException if it is not of this form"));
        out.line("static %s read(%s in) {", name, scope.qmp("QmpReader"));
        if (tag.optional()) {
            out.line("if (!in.has(\"%s\")) {", type.tag())
                    .line("return Unknown.read(in);")
                    .line("}");
        }
        out.line("return switch (in.string(\"%s\")) {", type.tag());
        branchNames.forEach((wire, java) -> out.line("case \"%s\" -> %s.read(in);", wire, java));
        out.line("default -> Unknown.read(in);").line("};").line("}");
        type.branches().forEach((wire, branch) -> branch(scope, out, name, branchName(wire), base, tag, wire, branch));
        unknown(scope, out, name, base);
        out.line("}");
        return scope.file(out.toString());
    }

    private static String branchName(String wire) {
        String name = JavaNames.type(wire);
        return name.equals("Unknown") ? "UnknownBranch" : name;
    }

    private void branch(
            Scope scope,
            JavaText out,
            String union,
            String name,
            List<Component> base,
            Component tag,
            String wire,
            Model.Branch branch) {
        List<Component> components = new ArrayList<>(base);
        components.remove(tag);
        // a struct of an old release may have become the base and a branch; the base has its members then
        Component.of(branch.members()).stream()
                .filter(each -> base.stream().noneMatch(other -> other.wire().equals(each.wire())))
                .forEach(components::add);
        branch.union().ifPresent(inner -> components.add(Component.flat(wire, inner, branch.about())));
        out.blank();
        out.doc(docs.type("The branch {@code " + wire + "}.", branch.about(), components));
        RecordSource record = new RecordSource(model, scope, out, name, components);
        record.open(union);
        out.line("@Override");
        Model.About constant =
                ((Model.EnumType) model.type(tag.type().name())).values().get(wire);
        if (constant != null && constant.deprecated()) {
            out.line("@SuppressWarnings(\"deprecation\")");
        }
        out.line("public %s %s() {", tag.type(scope), tag.name());
        out.line("return %s.%s;", scope.type(tag.type()), JavaNames.constant(wire))
                .line("}");
        record.reader("read", "it");
        record.writer("writeMembers", tag.wire(), wire);
        record.finders();
        if (ofArguments.contains(union)) {
            record.factory();
            record.builder();
        }
        out.line("}");
    }

    private void unknown(Scope scope, JavaText out, String union, List<Component> base) {
        List<Component> components = new ArrayList<>(base);
        out.blank();
        List<String> doc = new ArrayList<>(docs.type(
                "A branch that this library does not know, of a newer QEMU for instance.",
                docs.everywhere(),
                components));
        doc.add("@param members everything, as it is on the wire");
        out.doc(doc);
        String header = components.stream().map(each -> each.declaration(scope)).collect(Collectors.joining(", "));
        out.line("record Unknown(%s, %s members) implements %s {", header, scope.qmp("JsonValue") + ".Obj", union);
        out.doc(List.of(
                "Reads it; also the way to make one.",
                "",
                "@param in the object",
                "@return the value",
                "@throws dev.microvm.qmp.QmpProtocolException if what all branches have is not of the right form"));
        out.line("public static Unknown read(%s in) {", scope.qmp("QmpReader"));
        out.line(
                "return new Unknown(%s, in.object());",
                components.stream().map(each -> each.read(scope, model)).collect(Collectors.joining(", ")));
        out.line("}").blank();
        out.line("@Override").line("public void writeMembers(%s out) {", scope.qmp("QmpWriter"));
        out.line("members.members().forEach(out::member);").line("}").line("}");
    }

    private String enumeration(String name, Model.EnumType type) {
        Scope scope = new Scope(Scope.MODEL, Set.of(name, "Known"));
        JavaText out = new JavaText();
        out.doc(List.of("An open enumeration of QMP: values of a newer QEMU are kept as they are."));
        out.line("public final class %s extends %s<%s.Known> {", name, scope.qmp("QmpEnum"), name);
        Map<String, String> constants = new LinkedHashMap<>();
        type.values().forEach((wire, about) -> {
            String constant = JavaNames.constant(wire);
            if (constants.put(constant, wire) != null) {
                throw new IllegalArgumentException("two values of " + name + " have one name: " + constant);
            }
            out.doc(List.of("{@code " + wire + "}." + docs.about(about)));
            annotations(scope, out, about);
            out.line("public static final %s %s = new %s(\"%s\", Known.%s);", name, constant, name, wire, constant)
                    .blank();
        });
        out.line(
                "private static final %s<String, %s> BY_VALUE = byValue(%s);",
                scope.use("java.util.Map"), name, String.join(", ", constants.keySet()));
        out.blank()
                .line(
                        "private %s(String value, @%s Known known) {",
                        name, scope.use("org.jspecify.annotations.Nullable"));
        out.line("super(value, known);").line("}").blank();
        out.doc(List.of(
                "Returns the constant of a value, or a new object for a value this library does not know.",
                "",
                "@param value the text on the wire",
                "@return the value"));
        out.line("public static %s of(String value) {", name);
        out.line("%s constant = BY_VALUE.get(value);", name);
        out.line("return constant == null ? new %s(value, null) : constant;", name)
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
                .line("}")
                .blank();
        out.line("/** The values known to this library, for {@code switch}. */").line("public enum Known {");
        constants.forEach((constant, wire) -> {
            out.doc(List.of("{@code " + wire + "}."));
            out.line("%s,", constant);
        });
        out.line("}").line("}");
        return scope.file(out.toString());
    }

    private static void annotations(Scope scope, JavaText out, Model.About about) {
        if (about.deprecated()) {
            out.line("@Deprecated");
        }
        if (about.unstable()) {
            out.line("@%s", scope.qmp("QmpUnstable"));
        }
    }

    private String alternate(String name, Model.AlternateType type) {
        Map<String, Model.Ref> kinds = new LinkedHashMap<>();
        for (Model.Ref ref : type.types()) {
            String kind = kind(ref);
            Model.Ref before = kinds.put(kind, ref);
            if (before != null && before.isNamed()) {
                kinds.put(kind, before); // an open enumeration holds any text
            }
        }
        Set<String> own = kinds.keySet().stream()
                .map(TypeSources::alternativeName)
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
            out.line("/** Copies the list. */")
                    .line("public %s {", alternative)
                    .line("value = List.copyOf(value);")
                    .line("}")
                    .blank();
        }
        out.line("@Override")
                .line("public void write(%s out) {", scope.qmp("QmpWriter"))
                .line("out.value(value);")
                .line("}")
                .line("}");
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
