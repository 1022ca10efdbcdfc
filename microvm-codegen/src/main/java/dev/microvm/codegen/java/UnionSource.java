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
import org.jspecify.annotations.Nullable;

/** The source of a union: a sealed interface with a record for each branch. */
final class UnionSource {
    private static final String PLAIN = "Plain";

    private final Model model;
    private final Docs docs;
    private final Usage usage;

    UnionSource(Model model, Usage usage) {
        this.model = model;
        this.docs = new Docs(model);
        this.usage = usage;
    }

    String source(String name, Model.UnionType type) {
        List<Component> base = Component.of(type.base());
        Component tag = base.stream()
                .filter(each -> each.wire().equals(type.tag()))
                .findFirst()
                .orElseThrow();
        Map<String, List<Component>> own = new LinkedHashMap<>();
        boolean wasStruct = wasStruct(type, tag);
        type.branches().forEach((wire, branch) -> own.put(wire, own(base, wire, branch, wasStruct)));
        Map<String, String> branchNames = new LinkedHashMap<>();
        own.forEach((wire, components) -> branchNames.put(wire, components.isEmpty() ? PLAIN : branchName(wire)));
        Set<String> nested = new TreeSet<>(branchNames.values());
        if (nested.size()
                != own.values().stream().filter(each -> !each.isEmpty()).count() + (nested.contains(PLAIN) ? 1 : 0)) {
            throw new IllegalArgumentException("two branches of " + name + " have one name: " + branchNames);
        }
        nested.addAll(List.of(name, "Unknown"));
        Scope scope = new Scope(Scope.MODEL, nested);
        JavaText out = new JavaText();
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
        own.forEach((wire, components) -> {
            if (!components.isEmpty()) {
                branch(
                        scope,
                        out,
                        name,
                        base,
                        tag,
                        wire,
                        components,
                        type.branches().get(wire));
            }
        });
        if (nested.contains(PLAIN)) {
            plain(scope, out, name, base, branchNames);
        }
        unknown(scope, out, name, base);
        out.line("}");
        return scope.file(out.toString());
    }

    /** What a branch has besides the base. A struct of an old release may have become base and branch; the base has its members then. */
    private static List<Component> own(List<Component> base, String wire, Model.Branch branch, boolean wasStruct) {
        List<Component> own = new ArrayList<>();
        Component.of(branch.members()).stream()
                .filter(each -> base.stream().noneMatch(other -> other.wire().equals(each.wire())))
                .map(each -> wasStruct ? each.orAbsent() : each)
                .forEach(own::add);
        branch.union().ifPresent(inner -> own.add(Component.flat(wire, inner, branch.about(), base)));
        return own;
    }

    /** Whether a release has the tag and no branches, as 7.2 in block jobs: its values come without what the branches have now. */
    private static boolean wasStruct(Model.UnionType type, Component tag) {
        return tag.about().releases().stream()
                .anyMatch(release -> type.branches().values().stream()
                        .noneMatch(branch -> branch.about().releases().contains(release)));
    }

    private static String branchName(String wire) {
        String name = JavaNames.type(wire);
        return name.equals("Unknown") ? "UnknownBranch" : name;
    }

    private void branch(
            Scope scope,
            JavaText out,
            String union,
            List<Component> base,
            Component tag,
            String wire,
            List<Component> own,
            Model.@Nullable Branch branch) {
        List<Component> components = new ArrayList<>(base);
        components.remove(tag);
        components.addAll(own);
        Model.About about = branch == null ? docs.everywhere() : branch.about();
        String name = branchName(wire);
        out.blank();
        out.doc(docs.type("The branch {@code " + wire + "}.", about, components));
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
        record.identity();
        if (usage.isSent(union)) {
            record.factory();
            record.builder("read");
        }
        out.line("}");
    }

    /** Half of all branches have nothing of their own; one class for those of a union is enough. */
    private void plain(Scope scope, JavaText out, String union, List<Component> base, Map<String, String> branchNames) {
        String values = branchNames.entrySet().stream()
                .filter(each -> each.getValue().equals(PLAIN))
                .map(each -> "{@code " + each.getKey() + "}")
                .collect(Collectors.joining(", "));
        out.blank();
        out.doc(docs.type("A branch that has nothing of its own: " + values + ".", docs.everywhere(), base));
        RecordSource record = new RecordSource(model, scope, out, PLAIN, base);
        record.open(union);
        record.reader("read", "it");
        record.writer("writeMembers", "", "");
        record.identity();
        if (usage.isSent(union)) {
            record.factory();
            record.builder("read");
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
        doc.add("@param members everything, as it is on the wire, what the other components say included");
        out.doc(doc);
        String header = components.stream().map(each -> each.declaration(scope)).collect(Collectors.joining(", "));
        out.line("record Unknown(%s, %s members) implements %s {", header, scope.qmp("JsonValue") + ".Obj", union);
        out.line("/**").line(" * Refuses what would not be written.").line(" *");
        components.forEach(each -> out.line(" * " + "@param %s {@code %s}", each.name(), each.wire()));
        out.line(" * " + "@param members everything, as it is on the wire")
                .line(" * " + "@throws IllegalArgumentException if a component is not among the members")
                .line(" */");
        out.line("public Unknown {");
        out.line(
                "%s.requireMembers(members, %s);",
                scope.qmp("QmpObject"),
                components.stream()
                        .map(each -> "\"" + each.wire() + "\", " + each.name())
                        .collect(Collectors.joining(", ")));
        out.line("}").blank();
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
        out.line("members.members().forEach(out::member);").line("}");
        new RecordSource(model, scope, out, "Unknown", components).identity();
        out.line("}");
    }
}
