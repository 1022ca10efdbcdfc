/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.List;
import java.util.stream.Collectors;

/** The source of a command that takes further arguments of any name: {@code device_add} takes the properties of the device. */
final class FreeFormSource {
    private final Model model;
    private final Scope scope;
    private final JavaText out;
    private final String name;
    private final List<Component> components;

    FreeFormSource(Model model, Scope scope, JavaText out, String name, List<Component> components) {
        this.model = model;
        this.scope = scope;
        this.out = out;
        this.name = name;
        this.components = components;
    }

    void write(String wire, String implemented) {
        String json = scope.qmp("JsonValue");
        String map = scope.use("java.util.Map") + "<String, " + json + ">";
        String header = components.stream().map(each -> each.declaration(scope)).collect(Collectors.joining(", "));
        out.line("public record %s(%s, %s properties) implements %s {", name, header, map, implemented);
        out.line("/**").line(" * Copies the properties.").line(" *");
        components.forEach(each -> out.line(" * " + "@param %s {@code %s}", each.name(), each.wire()));
        out.line(" * " + "@param properties further properties").line(" */").line("public %s {", name);
        out.line(
                "properties = %s.unmodifiableMap(new %s<>(properties));",
                scope.use("java.util.Collections"), scope.use("java.util.LinkedHashMap"));
        out.line("}").blank();
        CommandSources.wireName(out, wire);
        out.blank().line("@Override").line("public void writeMembers(%s out) {", scope.qmp("QmpWriter"));
        components.forEach(each -> out.line(each.write()));
        out.line("properties.forEach(out::member);").line("}");
        out.blank()
                .line("@Override")
                .line("public %s read(%s result) {", scope.qmp("QmpEmpty"), scope.qmp("QmpReader"));
        out.line("return QmpEmpty.read(result);").line("}");
        readArguments();
        builder(json);
    }

    private void readArguments() {
        out.blank()
                .doc(List.of(
                        "Reads the arguments of such a command: what {@link #writeMembers} wrote.",
                        "",
                        "@param in the object",
                        "@return the value",
                        "@throws dev.microvm.qmp.QmpProtocolException if it is not of this form"));
        out.line("public static %s readArguments(QmpReader in) {", name);
        out.line("Map<String, JsonValue> properties = new LinkedHashMap<>(in.object().members());");
        components.forEach(each -> out.line("properties.remove(\"%s\");", each.wire()));
        out.line(
                "return new %s(%s, properties);",
                name,
                components.stream()
                        .map(each -> "in.string" + (each.optional() ? "OrNull" : "") + "(\"" + each.wire() + "\")")
                        .collect(Collectors.joining(", ")));
        out.line("}");
    }

    private void builder(String json) {
        RecordSource record = new RecordSource(model, scope, out, name, components);
        record.identity();
        record.factory(", Map.of()");
        record.openBuilder("readArguments");
        property(json, "value");
        property("String", "new " + json + ".Str(value)");
        property("long", json + ".Num.of(value)");
        property("boolean", "new " + json + ".Bool(value)");
        out.line("}");
    }

    private void property(String type, String json) {
        out.blank()
                .line("/**")
                .line(" * Sets a property of the device.")
                .line(" *")
                .line(" * @param property its name, such as {@code drive}")
                .line(" * @param value its value")
                .line(" * @return this")
                .line(" */");
        out.line("public Builder property(String property, %s value) {", type);
        out.line("set(property, %s);", json).line("return this;").line("}");
    }
}
