/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import dev.microvm.codegen.schema.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which types of several schemas are the same type. Names do not tell, for introspection masks them; places do: what stands in the same
 * place of the same command or event is the same type, and so are the types of equally named members of what is the same type. Types are
 * united from the names of commands and events downwards until nothing changes.
 */
final class TypeClasses {
    private final List<Schema> schemas;
    private final Map<TypeNode, TypeNode> parents = new LinkedHashMap<>();
    private boolean changed;

    TypeClasses(List<Schema> schemas) {
        this.schemas = List.copyOf(schemas);
        for (String command : names(Schema::commands)) {
            unite(slot(command, Schema::commands, Schema.Command::argumentType));
            unite(slot(command, Schema::commands, Schema.Command::returnType));
        }
        for (String event : names(Schema::events)) {
            unite(slot(event, Schema::events, Schema.Event::dataType));
        }
        do {
            changed = false;
            membersByClass().values().forEach(this::uniteParts);
        } while (changed);
    }

    interface Section<T> {
        Map<String, T> of(Schema schema);
    }

    interface Part<T> {
        String of(T entry);
    }

    <T> Set<String> names(Section<T> section) {
        Set<String> names = new TreeSet<>();
        schemas.forEach(schema -> names.addAll(section.of(schema).keySet()));
        return names;
    }

    /** The types that stand in one place of one command or event, one of each schema that has it, the oldest first. */
    <T> List<TypeNode> slot(String name, Section<T> section, Part<T> part) {
        List<TypeNode> nodes = new ArrayList<>();
        for (Schema schema : schemas) {
            T entry = section.of(schema).get(name);
            if (entry != null) {
                nodes.add(new TypeNode(schema, part.of(entry)));
            }
        }
        return nodes;
    }

    /** The representative of a type's class. */
    TypeNode find(TypeNode node) {
        TypeNode parent = parents.getOrDefault(node, node);
        if (parent.equals(node)) {
            return node;
        }
        TypeNode root = find(parent);
        parents.put(node, root);
        return root;
    }

    /** All types of a class, the oldest schema's first. */
    List<TypeNode> sameAs(TypeNode node) {
        return membersByClass().getOrDefault(find(node), List.of(node));
    }

    Map<TypeNode, List<TypeNode>> membersByClass() {
        Map<TypeNode, List<TypeNode>> classes = new LinkedHashMap<>();
        for (Schema schema : schemas) {
            for (String name : schema.types().keySet()) {
                TypeNode node = new TypeNode(schema, name);
                if (node.isNamed()) {
                    classes.computeIfAbsent(find(node), root -> new ArrayList<>())
                            .add(node);
                }
            }
        }
        return classes;
    }

    private void uniteParts(List<TypeNode> sameTypes) {
        Map<String, List<TypeNode>> places = new TreeMap<>();
        for (TypeNode node : sameTypes) {
            if (node.type() instanceof Schema.ObjectType object) {
                object.members().forEach(member -> add(places, "." + member.name(), node.sibling(member.type())));
                object.variants().forEach((name, type) -> add(places, "/" + name, node.sibling(type)));
            } else if (node.type() instanceof Schema.AlternateType alternate) {
                alternate.types().forEach(type -> add(places, "|", node.sibling(type)));
            }
        }
        places.values().forEach(this::unite);
    }

    private static void add(Map<String, List<TypeNode>> places, String place, TypeNode node) {
        places.computeIfAbsent(place, key -> new ArrayList<>()).add(node);
    }

    /** Unites those of the same kind. A place may change its kind from release to release, as from text to an enumeration. */
    private void unite(Collection<TypeNode> slot) {
        Map<Class<?>, TypeNode> firsts = new LinkedHashMap<>();
        for (TypeNode each : slot) {
            TypeNode node = each.withoutArrays();
            if (node.isNamed()) {
                TypeNode root = find(node);
                TypeNode first = find(firsts.computeIfAbsent(node.type().getClass(), kind -> root));
                if (!root.equals(first)) {
                    parents.put(root, first);
                    changed = true;
                }
            }
        }
    }
}
