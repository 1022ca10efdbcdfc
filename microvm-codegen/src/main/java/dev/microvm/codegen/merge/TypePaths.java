/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import dev.microvm.codegen.schema.Schema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the types that need a Java name stand. A path starts with a command (its arguments), a command and {@code .ret} (what it returns)
 * or an event, and goes on with {@code .member}, {@code /branch} and {@code |} for what an alternate is made of; arrays are passed over.
 * The shortest path of each type comes first.
 */
final class TypePaths {
    private final TypeClasses classes;
    private final Map<TypeNode, String> paths = new LinkedHashMap<>();
    private final Map<TypeNode, List<TypeNode>> members;
    private final Deque<Step> queue = new ArrayDeque<>();
    private final Set<TypeNode> walked = new LinkedHashSet<>();

    private record Step(String path, TypeNode root) {}

    TypePaths(TypeClasses classes) {
        this.classes = classes;
        this.members = classes.membersByClass();
        for (String command : classes.names(Schema::commands)) {
            for (TypeNode node : classes.slot(command, Schema::commands, Schema.Command::argumentType)) {
                // a command is a class of its own, so its arguments are one only if they are a union
                visit(command, node, isUnion(node));
            }
            classes.slot(command, Schema::commands, Schema.Command::returnType)
                    .forEach(node -> visit(command + ".ret", node, true));
        }
        for (String event : classes.names(Schema::events)) {
            classes.slot(event, Schema::events, Schema.Event::dataType).forEach(node -> visit(event, node, true));
        }
        while (!queue.isEmpty()) {
            Step step = queue.remove();
            parts(step.root()).forEach((suffix, node) -> visit(step.path() + suffix, node, isNamedAt(suffix, node)));
        }
    }

    /** The shortest path of every type that needs a name, by representative. */
    Map<TypeNode, String> shortest() {
        return paths;
    }

    private boolean isUnion(TypeNode node) {
        return node.isNamed()
                && classes.sameAs(node).stream()
                        .anyMatch(same -> same.type() instanceof Schema.ObjectType object
                                && !object.variants().isEmpty());
    }

    /** The members of a branch are written out in it, unless they are a union again. */
    private boolean isNamedAt(String suffix, TypeNode node) {
        return !suffix.startsWith("/") || isUnion(node);
    }

    private void visit(String path, TypeNode each, boolean named) {
        TypeNode node = each.withoutArrays();
        if (!node.isNamed()) {
            return;
        }
        TypeNode root = classes.find(node);
        if (named) {
            paths.putIfAbsent(root, path);
        }
        if (walked.add(root)) {
            queue.add(new Step(path, root));
        }
    }

    private Map<String, TypeNode> parts(TypeNode root) {
        Map<String, TypeNode> parts = new LinkedHashMap<>();
        List<TypeNode> newestFirst = new ArrayList<>(members.getOrDefault(root, List.of(root)));
        Collections.reverse(newestFirst);
        for (TypeNode node : newestFirst) {
            if (node.type() instanceof Schema.ObjectType object) {
                object.members().forEach(member -> put(parts, "." + member.name(), node.sibling(member.type())));
                object.variants().forEach((name, type) -> put(parts, "/" + name, node.sibling(type)));
            } else if (node.type() instanceof Schema.AlternateType alternate) {
                for (String type : alternate.types()) {
                    TypeNode part = node.sibling(type).withoutArrays();
                    put(parts, part.type() instanceof Schema.EnumType ? "|enum" : "|object", part);
                }
            }
        }
        return parts;
    }

    private static void put(Map<String, TypeNode> parts, String suffix, TypeNode node) {
        // the newest release that has a type with a name in this place decides
        TypeNode before = parts.get(suffix);
        if (before == null || !before.withoutArrays().isNamed()) {
            parts.put(suffix, node);
        }
    }

    /** Follows a path; empty if no release has it. */
    Optional<TypeNode> follow(String path) {
        String[] steps = path.split("(?=[./|])", -1);
        Optional<TypeNode> at;
        int next = 1;
        if (steps.length > 1 && steps[1].equals(".ret")) {
            at = lastNamed(classes.slot(steps[0], Schema::commands, Schema.Command::returnType));
            next = 2;
        } else {
            List<TypeNode> slot =
                    new ArrayList<>(classes.slot(steps[0], Schema::commands, Schema.Command::argumentType));
            slot.addAll(classes.slot(steps[0], Schema::events, Schema.Event::dataType));
            at = lastNamed(slot);
        }
        for (; next < steps.length && at.isPresent(); next++) {
            TypeNode part = parts(classes.find(at.get())).get(steps[next]);
            at = part == null ? Optional.empty() : lastNamed(List.of(part));
        }
        return at.map(classes::find);
    }

    private static Optional<TypeNode> lastNamed(List<TypeNode> slot) {
        return slot.stream()
                .map(TypeNode::withoutArrays)
                .filter(TypeNode::isNamed)
                .reduce((first, second) -> second);
    }
}
