/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.List;
import java.util.stream.Collectors;

/** The parts that records of all sorts have: header, copies, accessors of optional components, reader, writer, builder. */
final class RecordSource {
    private final Model model;
    private final Scope scope;
    private final JavaText out;
    private final String name;
    private final List<Component> components;

    RecordSource(Model model, Scope scope, JavaText out, String name, List<Component> components) {
        this.model = model;
        this.scope = scope;
        this.out = out;
        this.name = name;
        this.components = components;
    }

    void open(String implemented) {
        String header = components.stream().map(each -> each.declaration(scope)).collect(Collectors.joining(", "));
        out.line("public record %s(%s)%s {", name, header, implemented.isEmpty() ? "" : " implements " + implemented);
        List<Component> lists =
                components.stream().filter(each -> each.type().arrays() > 0).toList();
        if (!lists.isEmpty()) {
            out.line("/**").line(" * Copies the lists.").line(" *");
            components.forEach(each -> out.line(" * " + "@param %s {@code %s}", each.name(), each.wire()));
            out.line(" */");
            out.line("public %s {", name);
            for (Component list : lists) {
                String copy = "List.copyOf(" + list.name() + ")";
                out.line("%s = %s;", list.name(), list.optional() ? list.name() + " == null ? null : " + copy : copy);
            }
            out.line("}").blank();
        }
    }

    /**
     * Two values are equal if they are the same on the wire, and a value shows as what it is there. Much shorter than what a record has by
     * itself, which is a third of a small class; and a text shown this way has no secrets in it.
     */
    void identity() {
        identity(scope, out);
    }

    static void identity(Scope scope, JavaText out) {
        String data = scope.qmp("QmpData");
        out.blank()
                .line("@Override")
                // no @Nullable: in a thousand classes the annotation alone would take 30 kB of the jar
                .line("public boolean equals(Object other) {");
        out.line("return %s.equal(this, other);", data).line("}");
        out.blank()
                .line("@Override")
                .line("public int hashCode() {")
                .line("return %s.hash(this);", data)
                .line("}");
        out.blank()
                .line("@Override")
                .line("public String toString() {")
                .line("return %s.text(this);", data)
                .line("}");
    }

    void reader(String method, String what) {
        out.blank()
                .doc(List.of(
                        "Reads " + what + ".",
                        "",
                        "@param in the object",
                        "@return the value",
                        "@throws dev.microvm.qmp.QmpProtocolException if it is not of this form"));
        out.line("public static %s %s(%s in) {", name, method, scope.qmp("QmpReader"));
        out.line(
                "return new %s(%s);",
                name, components.stream().map(each -> each.read(scope, model)).collect(Collectors.joining(", ")));
        out.line("}");
    }

    void writer(String method, String tagWire, String tagValue) {
        out.blank().line("@Override").line("public void %s(%s out) {", method, scope.qmp("QmpWriter"));
        if (!tagWire.isEmpty()) {
            out.line("out.member(\"%s\", \"%s\");", tagWire, tagValue);
        }
        components.forEach(each -> out.line(each.write()));
        out.line("}");
    }

    /** A method that takes what must be given, where that is little enough to be told apart by its place. */
    void factory() {
        factory("");
    }

    /** The same for a record that has something after its components. */
    void factory(String after) {
        List<Component> required =
                components.stream().filter(each -> !each.optional()).toList();
        if (required.size() > 3) {
            return;
        }
        out.blank().line("/**").line(" * Returns it with nothing optional.").line(" *");
        required.forEach(each -> out.line(" * " + "@param %s {@code %s}", each.name(), each.wire()));
        out.line(" * @return the value").line(" */");
        out.line(
                "public static %s of(%s) {",
                name,
                required.stream()
                        .map(each -> each.type(scope) + " " + each.name())
                        .collect(Collectors.joining(", ")));
        out.line(
                "return new %s(%s%s);",
                name,
                components.stream()
                        .map(each -> each.optional() ? "null" : each.name())
                        .collect(Collectors.joining(", ")),
                after);
        out.line("}");
    }

    /** The method that makes a builder, and its class up to the brace that ends it. */
    void openBuilder(String reader) {
        out.blank().line("/** {@return a builder with nothing set} */");
        out.line("public static Builder builder() {")
                .line("return new Builder();")
                .line("}");
        out.blank().line("/** Builds it. */");
        out.line("public static final class Builder extends %s<%s> {", scope.qmp("QmpBuilder"), name);
        out.line("private Builder() {}").blank();
        out.line("@Override").line("protected %s read(%s in) {", name, scope.qmp("QmpReader"));
        out.line("return %s.%s(in);", name, reader).line("}");
        components.forEach(this::setter);
    }

    void builder(String reader) {
        openBuilder(reader);
        out.line("}");
    }

    private void setter(Component component) {
        out.blank()
                .line("/**")
                .line(" * Sets {@code %s}%s.", component.wire(), component.optional() ? "" : ", which must be given")
                .line(" *")
                .line(" * @param value the value")
                .line(" * @return this");
        if (component.about().deprecated()) {
            out.line(" * @deprecated QEMU calls it so").line(" */").line("@Deprecated");
        } else {
            out.line(" */");
        }
        out.line("public Builder %s(%s value) {", component.name(), scope.type(component.type()));
        out.line(component.flat() ? "setAll(value);" : "set(\"" + component.wire() + "\", value);")
                .line("return this;")
                .line("}");
    }
}
