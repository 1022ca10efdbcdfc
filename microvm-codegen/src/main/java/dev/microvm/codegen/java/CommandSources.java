/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.JavaNames;
import dev.microvm.codegen.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Sources of the commands, of the events, and of the class that has a method for each command. */
final class CommandSources {
    static final String COMMAND = Scope.QMP + ".command";
    static final String EVENT = Scope.QMP + ".event";

    /** Commands whose arguments depend on the device or object: introspection shows only a part of them. */
    static final Set<String> FREE_FORM = Set.of("device_add");

    private final Model model;
    private final Docs docs;

    CommandSources(Model model) {
        this.model = model;
        this.docs = new Docs(model);
    }

    String command(String wire, Model.Command command) {
        String name = JavaNames.type(wire);
        Scope scope = new Scope(COMMAND, Set.of(name));
        JavaText out = new JavaText();
        List<Component> components = components(wire, command);
        String result = result(scope, command);
        List<String> doc = new ArrayList<>(docs.type("The command {@code " + wire + "}.", command.about(), components));
        boolean freeForm = FREE_FORM.contains(wire);
        if (freeForm) {
            doc.add("@param properties further properties, which depend on the driver, in order");
        }
        out.doc(doc);
        Docs.annotate(scope, out, command.about());
        RecordSource record = new RecordSource(model, scope, out, name, components);
        String implemented = scope.qmp(command.outOfBand() ? "QmpOobCommand" : "QmpCommand") + "<" + result + ">";
        if (freeForm) {
            new FreeFormSource(model, scope, out, name, components).write(wire, implemented);
        } else {
            record.open(implemented);
            wireName(out, wire);
            read(scope, out, command);
            if (!components.isEmpty()) {
                record.writer("writeMembers", "", "");
                record.reader("readArguments", "the arguments of such a command: what {@link #writeMembers} wrote");
            }
            record.identity();
            record.factory();
            if (!components.isEmpty() && !components.get(0).flat()) {
                record.builder("readArguments");
            }
        }
        out.line("}");
        return scope.file(out.toString());
    }

    private List<Component> components(String wire, Model.Command command) {
        return command.union()
                .map(union -> List.of(new Component(
                        "options", wire, new Model.Ref(union, 0), false, docs.everywhere(), true, List.of())))
                .orElseGet(() -> Component.of(command.arguments()));
    }

    static void wireName(JavaText out, String wire) {
        out.line("/** The name on the wire. */")
                .line("public static final String NAME = \"%s\";", wire)
                .blank();
        out.line("@Override")
                .line("public String name() {")
                .line("return NAME;")
                .line("}");
    }

    private static String result(Scope scope, Model.Command command) {
        return scope.boxed(command.result().orElse(new Model.Ref("empty", 0)));
    }

    private static void read(Scope scope, JavaText out, Model.Command command) {
        Model.Ref ref = command.result().orElse(new Model.Ref("empty", 0));
        out.blank()
                .line("@Override")
                .line("public %s read(%s result) {", result(scope, command), scope.qmp("QmpReader"));
        String reader = scope.reader(ref);
        if (ref.arrays() > 0) {
            out.line("return result.list(%s);", scope.reader(ref.element()));
        } else if (ref.isNamed() || ref.name().equals("empty")) {
            out.line("return %s.read(result);", scope.boxed(ref));
        } else {
            out.line("return result.%s();", reader.substring(reader.indexOf("::") + 2));
        }
        out.line("}");
    }

    String event(String wire, Model.Event event) {
        String name = JavaNames.type(wire) + "Event";
        Scope scope = new Scope(EVENT, Set.of(name));
        JavaText out = new JavaText();
        String data = scope.boxed(new Model.Ref(event.data().orElse("empty"), 0));
        out.doc(List.of("The event {@code " + wire + "}." + docs.about(event.about())));
        Docs.annotate(scope, out, event.about());
        out.line("public final class %s {", name);
        out.line("/** What to subscribe to. */");
        out.line(
                "public static final %s<%s> TYPE = %s.of(\"%s\", %s::read);",
                scope.qmp("QmpEventType"), data, "QmpEventType", wire, data);
        out.blank().line("private %s() {}", name).line("}");
        return scope.file(out.toString());
    }

    /** A method for each command, so that an editor can show what there is. */
    String facade(Map<String, Model.Command> commands) {
        Scope scope = new Scope(COMMAND, Set.of("QmpCommands"));
        JavaText out = new JavaText();
        String client = scope.qmp("QmpClient");
        out.doc(List.of(
                "Every command as a method, each of which is {@link " + client + "#execute(" + scope.qmp("QmpCommand")
                        + ")} with the command as a value; limit and exceptions are",
                "told there."));
        out.line("@SuppressWarnings(\"deprecation\") // it has the deprecated commands too");
        out.line("public final class QmpCommands {")
                .line("private final %s client;", client)
                .blank();
        out.doc(List.of("Sends commands to a client.", "", "@param client the client"));
        out.line("public QmpCommands(%s client) {", client)
                .line("this.client = client;")
                .line("}");
        commands.forEach((wire, command) -> facadeMethods(scope, out, wire, command));
        out.line("}");
        return scope.file(out.toString());
    }

    private void facadeMethods(Scope scope, JavaText out, String wire, Model.Command command) {
        String name = JavaNames.type(wire);
        List<Component> components = components(wire, command);
        List<Component> required =
                components.stream().filter(each -> !each.optional()).toList();
        boolean returns = command.result().isPresent();
        String result = returns ? scope.type(command.result().get()) : "void";
        if (required.size() <= 3) {
            List<String> doc = new ArrayList<>(List.of(
                    "Sends {@code " + wire + "}" + (components.size() > required.size() ? " with nothing optional" : "")
                            + "." + docs.about(command.about())));
            if (returns || !required.isEmpty()) {
                doc.add("");
            }
            required.forEach(each -> doc.add(
                    "@param " + each.name() + " " + (each.flat() ? "the arguments" : "{@code " + each.wire() + "}")));
            method(
                    scope,
                    out,
                    command,
                    doc,
                    result,
                    JavaNames.member(wire),
                    required.stream()
                            .map(each -> each.type(scope) + " " + each.name())
                            .collect(Collectors.joining(", ")),
                    scope.use(COMMAND + "." + name) + ".of("
                            + required.stream().map(Component::name).collect(Collectors.joining(", ")) + ")");
        }
        if (required.size() > 3 || components.size() > required.size()) {
            List<String> doc = new ArrayList<>(List.of(
                    "Sends {@code " + wire + "}." + docs.about(command.about()), "", "@param command the command"));
            method(scope, out, command, doc, result, JavaNames.member(wire), name + " command", "command");
        }
    }

    private static void method(
            Scope scope,
            JavaText out,
            Model.Command command,
            List<String> doc,
            String result,
            String name,
            String parameters,
            String value) {
        boolean returns = !result.equals("void");
        if (returns) {
            doc.add("@return what QEMU returned");
        }
        if (command.about().deprecated()) {
            if (!doc.contains("")) {
                doc.add("");
            }
            doc.add("@deprecated QEMU calls it so");
        }
        out.blank().doc(doc);
        Docs.annotate(scope, out, command.about());
        out.line("public %s %s(%s) {", result, name, parameters);
        out.line("%sclient.execute(%s);", returns ? "return " : "", value);
        out.line("}");
    }
}
