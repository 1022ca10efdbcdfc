/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.JavaNames;
import dev.microvm.codegen.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

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
        TypeSources types = new TypeSources(model);
        CommandSources commands = new CommandSources(model);
        model.types().forEach((name, type) -> files.put(path(Scope.MODEL, name), types.source(name, type)));
        model.commands()
                .forEach((wire, command) ->
                        files.put(path(CommandSources.COMMAND, JavaNames.type(wire)), commands.command(wire, command)));
        model.events()
                .forEach((wire, event) -> files.put(
                        path(CommandSources.EVENT, JavaNames.type(wire) + "Event"), commands.event(wire, event)));
        files.put(path(CommandSources.COMMAND, "QmpCommands"), commands.facade(model.commands()));
        files.put(path(Scope.QMP, ReleaseFacts.CLASS), new ReleaseFacts(model).source());
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
}
