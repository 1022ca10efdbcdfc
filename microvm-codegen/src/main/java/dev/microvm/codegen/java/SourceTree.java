/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.JavaNames;
import dev.microvm.codegen.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** All sources made of a model. */
public final class SourceTree {
    private SourceTree() {}

    /**
     * {@return the sources by their paths below a source folder}
     *
     * @param model the model
     */
    public static Map<String, String> of(Model model) {
        Map<String, String> files = new TreeMap<>();
        TypeSources types = new TypeSources(model, ofArguments(model));
        CommandSources commands = new CommandSources(model);
        model.types().forEach((name, type) -> files.put(path(Scope.MODEL, name), types.source(name, type)));
        model.commands()
                .forEach((wire, command) ->
                        files.put(path(CommandSources.COMMAND, JavaNames.type(wire)), commands.command(wire, command)));
        model.events()
                .forEach((wire, event) -> files.put(
                        path(CommandSources.EVENT, JavaNames.type(wire) + "Event"), commands.event(wire, event)));
        files.put(path(CommandSources.COMMAND, "QmpCommands"), commands.facade(model.commands()));
        return files;
    }

    /**
     * Writes the sources, and removes what an earlier run left of others. Files that would not change are not touched, so that a
     * compiler sees no change.
     *
     * @param model the model
     * @param folder the source folder, which has nothing else in it
     * @return how many files there are
     * @throws IOException if a file cannot be read or written
     */
    public static int write(Model model, Path folder) throws IOException {
        Map<String, String> files = of(model);
        if (Files.isDirectory(folder)) {
            try (var old = Files.walk(folder)) {
                for (Path file : old.filter(Files::isRegularFile).toList()) {
                    if (!files.containsKey(folder.relativize(file).toString())) {
                        Files.delete(file);
                    }
                }
            }
        }
        for (Map.Entry<String, String> entry : files.entrySet()) {
            Path file = folder.resolve(entry.getKey());
            if (!Files.exists(file) || !Files.readString(file).equals(entry.getValue())) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, entry.getValue());
            }
        }
        return files.size();
    }

    private static String path(String packageName, String name) {
        return packageName.replace('.', '/') + "/" + name + ".java";
    }

    private static Set<String> ofArguments(Model model) {
        Set<String> found = new TreeSet<>();
        for (Model.Command command : model.commands().values()) {
            command.union().ifPresent(union -> add(model, union, found));
            addAll(model, command.arguments(), found);
        }
        return found;
    }

    private static void addAll(Model model, List<Model.Member> members, Set<String> found) {
        for (Model.Member member : members) {
            if (member.type().isNamed()) {
                add(model, member.type().name(), found);
            }
        }
    }

    private static void add(Model model, String name, Set<String> found) {
        if (!found.add(name)) {
            return;
        }
        Model.Type type = model.type(name);
        if (type instanceof Model.ObjectType object) {
            addAll(model, object.members(), found);
        } else if (type instanceof Model.UnionType union) {
            addAll(model, union.base(), found);
            union.branches().values().forEach(branch -> {
                addAll(model, branch.members(), found);
                branch.union().ifPresent(inner -> add(model, inner, found));
            });
        } else if (type instanceof Model.AlternateType alternate) {
            alternate.types().stream().filter(Model.Ref::isNamed).forEach(ref -> add(model, ref.name(), found));
        }
    }
}
