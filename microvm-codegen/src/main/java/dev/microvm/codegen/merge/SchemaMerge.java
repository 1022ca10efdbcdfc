/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes one model of the schemas of several releases. */
public final class SchemaMerge {
    private final List<Schema> schemas;
    private final TypeClasses classes;
    private final TypeNames names;
    private final Map<TypeNode, List<TypeNode>> members;

    /**
     * Merges.
     *
     * @param schemas one of each release, the oldest first
     * @param locked names already published, by path
     * @param chosen names chosen by hand, by path
     * @throws IllegalArgumentException if names clash, or a chosen name would change a published one
     */
    public SchemaMerge(List<Schema> schemas, Map<String, String> locked, Map<String, String> chosen) {
        this.schemas = List.copyOf(schemas);
        this.classes = new TypeClasses(schemas);
        this.names = new TypeNames(new TypePaths(classes), locked, chosen);
        this.members = classes.membersByClass();
    }

    /** {@return the names of all types by their paths: what is published with the model} */
    public SortedMap<String, String> lock() {
        return names.byPath();
    }

    /**
     * {@return the model}
     *
     * @param exactVersions the exact version of each release, by release
     */
    public Model model(Map<String, String> exactVersions) {
        Map<String, Model.Command> commands = new LinkedHashMap<>();
        classes.names(Schema::commands).forEach(name -> commands.put(name, command(name)));
        Map<String, Model.Event> events = new LinkedHashMap<>();
        classes.names(Schema::events).forEach(name -> events.put(name, event(name)));
        Map<String, Model.Type> types = new TreeMap<>();
        names.byType().forEach((type, name) -> types.put(name, type(type)));
        return new Model(exactVersions, commands, events, types);
    }

    private Model.Command command(String name) {
        Place place = new Place();
        boolean outOfBand = false;
        for (Schema schema : schemas) {
            Schema.Command command = schema.commands().get(name);
            if (command != null) {
                place.add(schema, command.features());
                outOfBand |= command.outOfBand();
            }
        }
        List<TypeNode> arguments = classes.slot(name, Schema::commands, Schema.Command::argumentType);
        List<TypeNode> results = classes.slot(name, Schema::commands, Schema.Command::returnType);
        Optional<String> union = unionOf(arguments);
        return new Model.Command(
                place.about(),
                outOfBand,
                union.isPresent() ? List.of() : members(arguments),
                union,
                Optional.of(ref(results)).filter(ref -> !ref.toString().equals("empty")));
    }

    private Model.Event event(String name) {
        Place place = new Place();
        for (Schema schema : schemas) {
            Schema.Event event = schema.events().get(name);
            if (event != null) {
                place.add(schema, event.features());
            }
        }
        Model.Ref data = ref(classes.slot(name, Schema::events, Schema.Event::dataType));
        return new Model.Event(place.about(), Optional.of(data.name()).filter(type -> !type.equals("empty")));
    }

    private boolean isUnion(TypeNode node) {
        return sameAs(node).stream()
                .anyMatch(same -> same.type() instanceof Schema.ObjectType object
                        && !object.variants().isEmpty());
    }

    private List<TypeNode> sameAs(TypeNode node) {
        return members.getOrDefault(classes.find(node), List.of(node));
    }

    private Model.Type type(TypeNode representative) {
        List<TypeNode> same = sameAs(representative);
        if (representative.type() instanceof Schema.EnumType) {
            return enumeration(same);
        }
        if (representative.type() instanceof Schema.AlternateType) {
            return alternate(same);
        }
        return isUnion(representative) ? union(same) : new Model.ObjectType(members(same));
    }

    private static Model.EnumType enumeration(List<TypeNode> same) {
        Map<String, Place> values = new LinkedHashMap<>();
        for (TypeNode node : newestFirst(same)) {
            for (Schema.Value value : ((Schema.EnumType) node.type()).values()) {
                values.computeIfAbsent(value.name(), name -> new Place()).add(node.schema(), value.features());
            }
        }
        Map<String, Model.About> abouts = new LinkedHashMap<>();
        values.forEach((name, place) -> abouts.put(name, place.about()));
        return new Model.EnumType(abouts);
    }

    private Model.AlternateType alternate(List<TypeNode> same) {
        Set<Model.Ref> types = new LinkedHashSet<>();
        for (TypeNode node : same) {
            ((Schema.AlternateType) node.type()).types().forEach(type -> types.add(ref(List.of(node.sibling(type)))));
        }
        return new Model.AlternateType(List.copyOf(types));
    }

    private Model.UnionType union(List<TypeNode> same) {
        Map<String, Place> places = new TreeMap<>();
        String tag = "";
        for (TypeNode node : same) {
            Schema.ObjectType object = (Schema.ObjectType) node.type();
            tag = object.tag().orElse(tag);
            object.variants()
                    .forEach((name, type) ->
                            places.computeIfAbsent(name, key -> new Place()).add(node.sibling(type)));
        }
        Map<String, Model.Branch> branches = new TreeMap<>();
        places.forEach((name, place) -> branches.put(name, branch(place)));
        return new Model.UnionType(members(same), tag, branches);
    }

    private Model.Branch branch(Place place) {
        Optional<String> union = unionOf(place.types());
        return new Model.Branch(place.about(), union.isPresent() ? List.of() : members(place.types()), union);
    }

    private Optional<String> unionOf(List<TypeNode> slot) {
        return slot.stream()
                .filter(TypeNode::isNamed)
                .findFirst()
                .filter(this::isUnion)
                .map(node -> names.of(classes.find(node)));
    }

    /** The members in the newest release's order; those that it has no more come last. */
    private List<Model.Member> members(List<TypeNode> same) {
        Map<String, Place> places = new LinkedHashMap<>();
        Set<String> releases = new LinkedHashSet<>();
        for (TypeNode node : newestFirst(same)) {
            releases.add(node.schema().version());
            for (Schema.Member member : ((Schema.ObjectType) node.type()).members()) {
                places.computeIfAbsent(member.name(), name -> new Place()).add(node, member);
            }
        }
        List<Model.Member> merged = new ArrayList<>();
        places.forEach((name, place) -> merged.add(new Model.Member(
                name, ref(place.types()), place.isOptional(same.size(), releases.size()), place.about())));
        return merged;
    }

    private static List<TypeNode> newestFirst(List<TypeNode> nodes) {
        List<TypeNode> reversed = new ArrayList<>(nodes);
        Collections.reverse(reversed);
        return reversed;
    }

    /** The one type of a place. Where releases differ, the one that can hold what the others can. */
    private Model.Ref ref(List<TypeNode> slot) {
        Set<Model.Ref> refs = new LinkedHashSet<>();
        slot.forEach(node -> refs.add(ref(node, 0)));
        if (refs.stream().anyMatch(ref -> holdsText(ref, slot))) {
            refs.removeIf(ref -> ref.toString().equals("str"));
        }
        if (refs.stream().anyMatch(ref -> isOf(Schema.AlternateType.class, ref, slot))) {
            refs.removeIf(ref -> isOf(Schema.EnumType.class, ref, slot));
        }
        if (refs.size() > 1) {
            // a command that returned nothing may return something one day
            refs.removeIf(ref -> ref.toString().equals("empty"));
        }
        if (refs.size() != 1) {
            throw new IllegalArgumentException("one place has several types: " + refs + " at " + slot);
        }
        return refs.iterator().next();
    }

    /** What was text became an enumeration or an alternate, and both hold any text. */
    private boolean holdsText(Model.Ref ref, List<TypeNode> slot) {
        return isOf(Schema.EnumType.class, ref, slot) || isOf(Schema.AlternateType.class, ref, slot);
    }

    private boolean isOf(Class<? extends Schema.Type> kind, Model.Ref ref, List<TypeNode> slot) {
        return ref.arrays() == 0
                && ref.isNamed()
                && slot.stream()
                        .filter(node ->
                                node.isNamed() && names.of(classes.find(node)).equals(ref.name()))
                        .anyMatch(node -> kind.isInstance(node.type()));
    }

    private Model.Ref ref(TypeNode node, int arrays) {
        Schema.Type type = node.type();
        if (type instanceof Schema.ArrayType array) {
            return ref(node.sibling(array.element()), arrays + 1);
        }
        if (type instanceof Schema.Builtin builtin) {
            return new Model.Ref(builtin.name(), arrays);
        }
        return new Model.Ref(node.isNamed() ? names.of(classes.find(node)) : "empty", arrays);
    }
}
