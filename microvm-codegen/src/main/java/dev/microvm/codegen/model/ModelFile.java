/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.model;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The model as a file: JSON, one line for each member, so that a change of QEMU's interface is a change of few lines. A member is a line
 * like {@code "read-only": "bool? 10.0,11.1 deprecated"}: type, question mark where it may be absent, releases unless it is wherever what
 * it belongs to is, and what else is to be said.
 */
public final class ModelFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ModelFile() {}

    /**
     * Writes a model.
     *
     * @param model the model
     * @param file where to
     * @throws IOException if the file cannot be written
     */
    public static void write(Model model, Path file) throws IOException {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter()
                .withObjectIndenter(new DefaultIndenter(" ", "\n"))
                .withArrayIndenter(new DefaultIndenter(" ", "\n"));
        Files.writeString(file, JSON.writer(printer).writeValueAsString(toJson(model)) + "\n");
    }

    /**
     * {@return the model of a file}
     *
     * @param file the file
     * @throws IOException if it cannot be read
     */
    public static Model read(Path file) throws IOException {
        return fromJson(JSON.readTree(file.toFile()));
    }

    static ObjectNode toJson(Model model) {
        List<String> all = List.copyOf(model.releases().keySet());
        ObjectNode root = JSON.createObjectNode();
        ObjectNode releases = root.putObject("releases");
        model.releases().forEach(releases::put);
        ObjectNode commands = root.putObject("commands");
        model.commands().forEach((name, command) -> {
            ObjectNode entry = commands.putObject(name);
            putText(entry, "about", Abouts.text(command.about(), all) + (command.outOfBand() ? " oob" : ""));
            command.union().ifPresent(union -> entry.put("union", union));
            putMembers(entry, "arguments", command.arguments(), command.about().releases());
            command.result().ifPresent(result -> entry.put("result", result.toString()));
        });
        ObjectNode events = root.putObject("events");
        model.events().forEach((name, event) -> {
            ObjectNode entry = events.putObject(name);
            putText(entry, "about", Abouts.text(event.about(), all));
            event.data().ifPresent(data -> entry.put("data", data));
        });
        ObjectNode types = root.putObject("types");
        model.types().forEach((name, type) -> putType(types.putObject(name), type, all));
        return root;
    }

    private static void putType(ObjectNode entry, Model.Type type, List<String> all) {
        if (type instanceof Model.ObjectType object) {
            putMembers(entry, "members", object.members(), all);
        } else if (type instanceof Model.EnumType enumeration) {
            ObjectNode values = entry.putObject("values");
            enumeration.values().forEach((name, about) -> values.put(name, Abouts.text(about, all)));
        } else if (type instanceof Model.AlternateType alternate) {
            entry.putArray("alternatives")
                    .addAll(alternate.types().stream()
                            .map(ref -> (JsonNode) JSON.getNodeFactory().textNode(ref.toString()))
                            .toList());
        } else if (type instanceof Model.UnionType union) {
            entry.put("tag", union.tag());
            putMembers(entry, "members", union.base(), all);
            ObjectNode branches = entry.putObject("branches");
            union.branches().forEach((name, branch) -> {
                ObjectNode node = branches.putObject(name);
                putText(node, "about", Abouts.text(branch.about(), all));
                branch.union().ifPresent(inner -> node.put("union", inner));
                putMembers(node, "members", branch.members(), branch.about().releases());
            });
        }
    }

    private static void putText(ObjectNode entry, String name, String text) {
        if (!text.isBlank()) {
            entry.put(name, text.strip());
        }
    }

    private static void putMembers(ObjectNode entry, String name, List<Model.Member> members, List<String> owner) {
        if (!members.isEmpty()) {
            ObjectNode node = entry.putObject(name);
            for (Model.Member member : members) {
                String text = member.type() + (member.optional() ? "? " : " ") + Abouts.text(member.about(), owner);
                node.put(member.name(), text.strip());
            }
        }
    }

    static Model fromJson(JsonNode root) {
        Map<String, String> releases = new LinkedHashMap<>();
        root.path("releases")
                .properties()
                .forEach(e -> releases.put(e.getKey(), e.getValue().asText()));
        List<String> all = List.copyOf(releases.keySet());
        Map<String, Model.Command> commands = new LinkedHashMap<>();
        root.path("commands").properties().forEach(e -> {
            JsonNode entry = e.getValue();
            String about = entry.path("about").asText();
            Model.About known = Abouts.parse(about, all);
            commands.put(
                    e.getKey(),
                    new Model.Command(
                            known,
                            List.of(about.split(" ", -1)).contains("oob"),
                            members(entry.path("arguments"), known.releases()),
                            text(entry, "union"),
                            text(entry, "result").map(ModelFile::ref)));
        });
        Map<String, Model.Event> events = new LinkedHashMap<>();
        root.path("events")
                .properties()
                .forEach(e -> events.put(
                        e.getKey(),
                        new Model.Event(
                                Abouts.parse(e.getValue().path("about").asText(), all), text(e.getValue(), "data"))));
        Map<String, Model.Type> types = new LinkedHashMap<>();
        root.path("types").properties().forEach(e -> types.put(e.getKey(), type(e.getValue(), all)));
        return new Model(releases, commands, events, types);
    }

    private static Model.Type type(JsonNode entry, List<String> all) {
        if (entry.has("values")) {
            Map<String, Model.About> values = new LinkedHashMap<>();
            entry.path("values")
                    .properties()
                    .forEach(e ->
                            values.put(e.getKey(), Abouts.parse(e.getValue().asText(), all)));
            return new Model.EnumType(values);
        }
        if (entry.has("alternatives")) {
            List<Model.Ref> types = new ArrayList<>();
            entry.path("alternatives").forEach(type -> types.add(ref(type.asText())));
            return new Model.AlternateType(types);
        }
        if (!entry.has("branches")) {
            return new Model.ObjectType(members(entry.path("members"), all));
        }
        Map<String, Model.Branch> branches = new LinkedHashMap<>();
        entry.path("branches").properties().forEach(e -> {
            Model.About about = Abouts.parse(e.getValue().path("about").asText(), all);
            branches.put(
                    e.getKey(),
                    new Model.Branch(
                            about,
                            members(e.getValue().path("members"), about.releases()),
                            text(e.getValue(), "union")));
        });
        return new Model.UnionType(
                members(entry.path("members"), all), entry.path("tag").asText(), branches);
    }

    private static Optional<String> text(JsonNode entry, String name) {
        return Optional.of(entry.path(name).asText()).filter(text -> !text.isEmpty());
    }

    private static List<Model.Member> members(JsonNode members, List<String> owner) {
        List<Model.Member> read = new ArrayList<>();
        members.properties().forEach(e -> {
            String text = e.getValue().asText();
            String type = text.split(" ", 2)[0];
            boolean optional = type.endsWith("?");
            read.add(new Model.Member(
                    e.getKey(),
                    ref(optional ? type.substring(0, type.length() - 1) : type),
                    optional,
                    Abouts.parse(text.substring(type.length()).strip(), owner)));
        });
        return read;
    }

    private static Model.Ref ref(String text) {
        int arrays = text.lastIndexOf('[') + 1;
        return new Model.Ref(text.substring(arrays, text.length() - arrays), arrays);
    }
}
