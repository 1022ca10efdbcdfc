/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import java.util.List;
import java.util.stream.Collectors;

/** The source of a command that takes further arguments of any name: {@code device_add} takes the properties of the device. */
final class FreeFormSource {
    private final Scope scope;
    private final JavaText out;
    private final String name;
    private final List<Component> components;

    FreeFormSource(Scope scope, JavaText out, String name, List<Component> components) {
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
        out.line("/** Copies the properties. */").line("public %s {", name);
        out.line(
                "properties = %s.unmodifiableMap(new %s<>(properties));",
                scope.use("java.util.Collections"), scope.use("java.util.LinkedHashMap"));
        out.line("}").blank();
        CommandSources.wireName(out, wire);
        out.blank().line("@Override").line("public void write(%s out) {", scope.qmp("QmpWriter"));
        components.forEach(each -> out.line(each.write()));
        out.line("properties.forEach(out::member);").line("}");
        out.blank()
                .line("@Override")
                .line("public %s read(%s result) {", scope.qmp("QmpEmpty"), scope.qmp("QmpReader"));
        out.line("return QmpEmpty.read(result);").line("}");
        readArguments();
        builder(json, map);
    }

    private void readArguments() {
        out.blank()
                .doc(List.of(
                        "Reads the arguments of such a command: what {@link #write} wrote.",
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

    private void builder(String json, String map) {
        List<Component> required =
                components.stream().filter(each -> !each.optional()).toList();
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
                "return new %s(%s, Map.of());",
                name,
                components.stream()
                        .map(each -> each.optional() ? "null" : each.name())
                        .collect(Collectors.joining(", ")));
        out.line("}");
        out.blank()
                .line("/** {@return a builder with nothing set} */")
                .line("public static Builder builder() {")
                .line("return new Builder();")
                .line("}");
        out.blank().line("/** Builds it. */").line("public static final class Builder {");
        components.forEach(each -> out.line("private %s %s;", scope.nullable(each.type()), each.name()));
        out.line("private final %s properties = new LinkedHashMap<>();", map)
                .blank()
                .line("private Builder() {}");
        for (Component each : components) {
            out.blank()
                    .line("/**")
                    .line(" * Sets {@code %s}%s.", each.wire(), each.optional() ? "" : ", which must be given")
                    .line(" *")
                    .line(" * @param value the value")
                    .line(" * @return this")
                    .line(" */");
            out.line("public Builder %s(%s value) {", each.name(), scope.type(each.type()));
            out.line("this.%s = value;", each.name()).line("return this;").line("}");
        }
        property(json, "value");
        property("String", "new " + json + ".Str(value)");
        property("long", json + ".Num.of(value)");
        property("boolean", "new " + json + ".Bool(value)");
        out.blank()
                .line("/**")
                .line(" * Builds it.")
                .line(" *")
                .line(" * @return the value")
                .line(" * @throws IllegalStateException if something that must be given is not")
                .line(" */");
        out.line("public %s build() {", name)
                .line(
                        "return new %s(%s, properties);",
                        name,
                        components.stream()
                                .map(each -> each.optional()
                                        ? each.name()
                                        : scope.qmp("QmpData") + ".required(" + each.name() + ", \"" + name + "."
                                                + each.name() + "\")")
                                .collect(Collectors.joining(", ")));
        out.line("}").line("}");
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
        out.line("properties.put(property, %s);", json).line("return this;").line("}");
    }
}
