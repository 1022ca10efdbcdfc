/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** The model that the Java was generated from, read once more and independently, as a schema of all releases or of one. */
public final class ModelSchema {
    private static final String EMPTY = "empty";

    private final JsonValue.Obj model;
    private final String release;
    private final Map<String, Schema.Type> types = new LinkedHashMap<>();

    private ModelSchema(JsonValue.Obj model, String release) {
        this.model = model;
        this.release = release;
    }

    private static JsonValue.Obj model() {
        try {
            return (JsonValue.Obj) JsonValue.parse(Files.readString(Path.of("src/main/qmp/qmp-model.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The releases, such as {@code 7.2}, with their exact versions. */
    public static Map<String, String> releases() {
        Map<String, String> releases = new LinkedHashMap<>();
        model().object("releases")
                .members()
                .forEach((release, version) -> releases.put(release, ((JsonValue.Str) version).value()));
        return releases;
    }

    /** What any of the releases has. */
    public static Schema ofAll() {
        return new ModelSchema(model(), "").read();
    }

    /** What one release has. */
    public static Schema of(String release) {
        return new ModelSchema(model(), release).read();
    }

    private Schema read() {
        types.put(EMPTY, new Schema.Struct(Map.of(), "", Map.of()));
        each(model, "types", this::type);
        Map<String, Schema.Command> commands = new LinkedHashMap<>();
        each(model, "commands", (name, entry) -> {
            if (isThere(text(entry, "about", ""))) {
                String arguments = text(entry, "union", name + " arguments");
                types.putIfAbsent(arguments, new Schema.Struct(members(entry, "arguments"), "", Map.of()));
                commands.put(name, new Schema.Command(arguments, text(entry, "result", EMPTY)));
            }
        });
        Map<String, String> events = new LinkedHashMap<>();
        each(model, "events", (name, entry) -> {
            if (isThere(text(entry, "about", ""))) {
                events.put(name, text(entry, "data", EMPTY));
            }
        });
        return new Schema(types, commands, events);
    }

    private void type(String name, JsonValue.Obj entry) {
        Set<String> what = entry.members().keySet();
        if (what.contains("values")) {
            types.put(name, new Schema.Enumeration(members(entry, "values").keySet()));
        } else if (what.contains("alternatives")) {
            List<String> alternatives = new ArrayList<>();
            entry.array("alternatives").forEach(each -> alternatives.add(((JsonValue.Str) each).value()));
            types.put(name, new Schema.Alternate(alternatives));
        } else if (what.contains("branches")) {
            union(name, entry);
        } else {
            types.put(name, new Schema.Struct(members(entry, "members"), "", Map.of()));
        }
    }

    private void union(String name, JsonValue.Obj entry) {
        Map<String, Schema.Member> base = members(entry, "members");
        Map<String, String> variants = new LinkedHashMap<>();
        each(entry, "branches", (tag, branch) -> {
            if (isThere(text(branch, "about", ""))) {
                String variant = text(branch, "union", name + " " + tag);
                types.putIfAbsent(variant, new Schema.Struct(members(branch, "members"), "", Map.of()));
                variants.put(tag, variant);
            }
        });
        String tag = entry.string("tag");
        // An old release may have a struct in place of the union.
        types.put(
                name,
                base.containsKey(tag) && !variants.isEmpty()
                        ? new Schema.Struct(base, tag, variants)
                        : new Schema.Struct(base, "", Map.of()));
    }

    private Map<String, Schema.Member> members(JsonValue.Obj entry, String name) {
        Map<String, Schema.Member> members = new LinkedHashMap<>();
        entry.find(name)
                .ifPresent(found -> ((JsonValue.Obj) found).members().forEach((member, value) -> {
                    String[] words = ((JsonValue.Str) value).value().split(" ", 2);
                    // The values of an enumeration have no type before what is said about them.
                    boolean typed = !words[0].isEmpty() && !name.equals("values");
                    String about = typed ? (words.length > 1 ? words[1] : "") : ((JsonValue.Str) value).value();
                    if (isThere(about)) {
                        boolean optional = words[0].endsWith("?");
                        String type = optional ? words[0].substring(0, words[0].length() - 1) : words[0];
                        members.put(member, new Schema.Member(type, optional));
                    }
                }));
        return members;
    }

    /** What is said of a thing names the releases that have it, unless all have that it belongs to. */
    private boolean isThere(String about) {
        String first = about.split(" ", 2)[0];
        return release.isEmpty()
                || first.isEmpty()
                || !Character.isDigit(first.charAt(0))
                || List.of(first.split(",", -1)).contains(release);
    }

    private static String text(JsonValue.Obj entry, String name, String otherwise) {
        return entry.find(name).isPresent() ? entry.string(name) : otherwise;
    }

    private static void each(JsonValue.Obj entry, String name, BiConsumer<String, JsonValue.Obj> action) {
        entry.object(name).members().forEach((key, value) -> action.accept(key, (JsonValue.Obj) value));
    }
}
