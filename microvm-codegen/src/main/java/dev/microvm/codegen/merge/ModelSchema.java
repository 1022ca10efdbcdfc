/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One release of a model as the schema that its QEMU had, as far as the model tells it. So a release of which no QEMU is at hand any more
 * stays in the model when another one is added.
 */
public final class ModelSchema {
    private static final String EMPTY = "empty";

    private final Model model;
    private final String release;
    private final Map<String, Schema.Type> types = new TreeMap<>();

    private ModelSchema(Model model, String release) {
        this.model = model;
        this.release = release;
    }

    /**
     * {@return the schema}
     *
     * @param model the model
     * @param release one of its releases
     */
    public static Schema of(Model model, String release) {
        return new ModelSchema(model, release).schema();
    }

    private Schema schema() {
        List.of("str", "int", "number", "bool", "null", "any")
                .forEach(name -> types.put(name, new Schema.Builtin(name)));
        types.put(EMPTY, new Schema.ObjectType(List.of(), Optional.empty(), Map.of(), Set.of()));
        model.types().forEach((name, type) -> types.put(name, type(name, type)));
        Map<String, Schema.Command> commands = new TreeMap<>();
        model.commands().forEach((name, command) -> {
            if (isThere(command.about())) {
                String arguments = command.union().orElseGet(() -> struct(name + " arguments", command.arguments()));
                String result = command.result().map(this::reference).orElse(EMPTY);
                commands.put(
                        name, new Schema.Command(arguments, result, command.outOfBand(), features(command.about())));
            }
        });
        Map<String, Schema.Event> events = new TreeMap<>();
        model.events().forEach((name, event) -> {
            if (isThere(event.about())) {
                events.put(name, new Schema.Event(event.data().orElse(EMPTY), features(event.about())));
            }
        });
        return new Schema(release, commands, events, types);
    }

    private Schema.Type type(String name, Model.Type type) {
        if (type instanceof Model.ObjectType object) {
            return new Schema.ObjectType(members(object.members()), Optional.empty(), Map.of(), Set.of());
        }
        if (type instanceof Model.EnumType enumeration) {
            List<Schema.Value> values = new ArrayList<>();
            enumeration.values().forEach((value, about) -> {
                if (isThere(about)) {
                    values.add(new Schema.Value(value, features(about)));
                }
            });
            return new Schema.EnumType(values);
        }
        if (type instanceof Model.AlternateType alternate) {
            return new Schema.AlternateType(
                    alternate.types().stream().map(this::reference).toList());
        }
        Model.UnionType union = (Model.UnionType) type;
        Map<String, String> variants = new LinkedHashMap<>();
        union.branches().forEach((branch, content) -> {
            if (isThere(content.about())) {
                variants.put(branch, content.union().orElseGet(() -> struct(name + " " + branch, content.members())));
            }
        });
        boolean tagged =
                union.base().stream().anyMatch(member -> member.name().equals(union.tag()) && isThere(member.about()));
        return new Schema.ObjectType(
                members(union.base()),
                Optional.of(union.tag()).filter(tag -> tagged),
                tagged ? variants : Map.of(),
                Set.of());
    }

    /** A type that the model writes out where it is used. */
    private String struct(String name, List<Model.Member> members) {
        List<Schema.Member> there = members(members);
        if (there.isEmpty()) {
            return EMPTY;
        }
        types.put(name, new Schema.ObjectType(there, Optional.empty(), Map.of(), Set.of()));
        return name;
    }

    private List<Schema.Member> members(List<Model.Member> members) {
        return members.stream()
                .filter(member -> isThere(member.about()))
                .map(member -> new Schema.Member(
                        member.name(), reference(member.type()), member.optional(), features(member.about())))
                .toList();
    }

    private String reference(Model.Ref ref) {
        if (ref.arrays() == 0) {
            return ref.name();
        }
        String element = reference(ref.element());
        types.put("[" + element + "]", new Schema.ArrayType(element));
        return "[" + element + "]";
    }

    private boolean isThere(Model.About about) {
        return about.releases().contains(release);
    }

    /** The model knows features of the newest release only; that it says more of the older ones does no harm. */
    private static Set<String> features(Model.About about) {
        Set<String> features = new TreeSet<>();
        if (about.deprecated()) {
            features.add("deprecated");
        }
        if (about.unstable()) {
            features.add("unstable");
        }
        return features;
    }
}
