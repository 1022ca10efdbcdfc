/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the reply of {@code query-qmp-schema}. */
public final class SchemaReader {
    private final Map<String, Schema.Command> commands = new TreeMap<>();
    private final Map<String, Schema.Event> events = new TreeMap<>();
    private final Map<String, Schema.Type> types = new TreeMap<>();

    private SchemaReader() {}

    /**
     * {@return the schema}
     *
     * @param version the release it is from
     * @param entries the array that QEMU returned
     * @throws IllegalArgumentException if an entry is of a kind that this program does not know
     */
    public static Schema read(String version, JsonNode entries) {
        SchemaReader reader = new SchemaReader();
        entries.forEach(reader::take);
        return new Schema(version, reader.commands, reader.events, reader.types);
    }

    private void take(JsonNode entry) {
        String name = entry.path("name").asText();
        switch (entry.path("meta-type").asText()) {
            case "command" ->
                commands.put(
                        name,
                        new Schema.Command(
                                entry.path("arg-type").asText(),
                                entry.path("ret-type").asText(),
                                entry.path("allow-oob").asBoolean(),
                                features(entry)));
            case "event" ->
                events.put(name, new Schema.Event(entry.path("arg-type").asText(), features(entry)));
            case "builtin" -> types.put(name, new Schema.Builtin(name));
            case "object" -> types.put(name, object(entry));
            case "enum" -> types.put(name, new Schema.EnumType(values(entry)));
            case "array" ->
                types.put(name, new Schema.ArrayType(entry.path("element-type").asText()));
            case "alternate" -> types.put(name, new Schema.AlternateType(texts(entry.path("members"), "type")));
            default -> throw new IllegalArgumentException("unknown kind of schema entry: " + entry);
        }
    }

    private static Schema.ObjectType object(JsonNode entry) {
        List<Schema.Member> members = new ArrayList<>();
        for (JsonNode member : entry.path("members")) {
            members.add(new Schema.Member(
                    member.path("name").asText(),
                    member.path("type").asText(),
                    member.has("default"),
                    features(member)));
        }
        Map<String, String> variants = new TreeMap<>();
        for (JsonNode variant : entry.path("variants")) {
            variants.put(variant.path("case").asText(), variant.path("type").asText());
        }
        return new Schema.ObjectType(
                members,
                Optional.of(entry.path("tag").asText()).filter(tag -> !tag.isEmpty()),
                variants,
                features(entry));
    }

    /** Schemas before 6.2 have only {@code values}. */
    private static List<Schema.Value> values(JsonNode entry) {
        List<Schema.Value> values = new ArrayList<>();
        if (entry.has("members")) {
            entry.path("members")
                    .forEach(member ->
                            values.add(new Schema.Value(member.path("name").asText(), features(member))));
        } else {
            entry.path("values").forEach(value -> values.add(new Schema.Value(value.asText(), Set.of())));
        }
        return values;
    }

    private static List<String> texts(JsonNode items, String member) {
        List<String> texts = new ArrayList<>();
        items.forEach(item -> texts.add(item.path(member).asText()));
        return texts;
    }

    private static Set<String> features(JsonNode entry) {
        Set<String> features = new TreeSet<>();
        entry.path("features").forEach(feature -> features.add(feature.asText()));
        return features;
    }
}
