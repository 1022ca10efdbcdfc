/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import dev.microvm.codegen.model.JavaNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Gives each type its Java name: the one it was published under, else the one chosen for it, else one made from its path. */
final class TypeNames {
    private final TypePaths paths;
    private final Map<TypeNode, String> names = new LinkedHashMap<>();
    private final Map<String, TypeNode> owners = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * @param paths where the types stand
     * @param locked names already published, by path
     * @param chosen names chosen by hand, by path
     * @throws IllegalArgumentException if names clash or a chosen name would change a published one
     */
    TypeNames(TypePaths paths, Map<String, String> locked, Map<String, String> chosen) {
        this.paths = paths;
        locked.forEach((path, name) -> paths.follow(path)
                .ifPresentOrElse(
                        type -> give(type, name, path),
                        () -> problems.add("names.lock has " + path + " = " + name
                                + ", which is nowhere any more; to let a published type go, remove the line")));
        chosen.forEach((path, name) -> {
            paths.follow(path)
                    .ifPresentOrElse(
                            type -> give(type, name, path),
                            () -> problems.add("names.properties has " + path + ", which is nowhere"));
        });
        paths.shortest().forEach((type, path) -> {
            if (!names.containsKey(type)) {
                give(type, automatic(path), path);
            }
        });
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("the names need a decision:\n  " + String.join("\n  ", problems));
        }
    }

    private void give(TypeNode type, String name, String path) {
        if (!paths.shortest().containsKey(type)) {
            problems.add(path + " = " + name + ": that type needs no name");
            return;
        }
        String before = names.putIfAbsent(type, name);
        if (before != null && !before.equals(name)) {
            problems.add(path + " is called " + before + " already, so not " + name);
        }
        TypeNode owner = owners.putIfAbsent(name, type);
        if (owner != null && !owner.equals(type)) {
            problems.add(name + " stands for " + paths.shortest().get(owner) + " and for " + path);
        }
    }

    private static String automatic(String path) {
        boolean event = Character.isUpperCase(path.charAt(0));
        boolean root = path.indexOf('.') < 0 && path.indexOf('/') < 0;
        if (event) {
            return JavaNames.type(path) + (root ? "Data" : "");
        }
        if (root) {
            return JavaNames.type(path) + "Arguments";
        }
        return path.endsWith(".ret")
                ? JavaNames.type(path.substring(0, path.length() - 4)) + "Result"
                : JavaNames.type(path.replaceFirst("\\.ret(?=[./|])", ""));
    }

    /** The name of a type, by any of its nodes' representative. */
    String of(TypeNode representative) {
        String name = names.get(representative);
        if (name == null) {
            throw new IllegalStateException("no name for " + representative + " of kind "
                    + representative.type().getClass().getSimpleName());
        }
        return name;
    }

    Map<TypeNode, String> byType() {
        return names;
    }

    /** What to lock: the shortest path of each type and its name. */
    SortedMap<String, String> byPath() {
        SortedMap<String, String> lock = new TreeMap<>();
        names.forEach((type, name) -> lock.put(paths.shortest().get(type), name));
        return lock;
    }
}
