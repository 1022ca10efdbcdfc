/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The modules of one kernel, as {@code depmod} wrote them down: which exist, which are built in, which must be loaded before which.
 * (modules.dep(5); modprobe(8): {@code -} and {@code _} are equal in names.)
 */
public final class KernelModules {
    private final Path folder;
    private final Set<String> builtin;
    private final String dependencies;
    private final Map<String, Integer> lines;

    private record Entry(String file, List<String> needs) {}

    private KernelModules(Path folder, Set<String> builtin, String dependencies) {
        this.folder = folder;
        this.builtin = builtin;
        this.dependencies = dependencies;
        this.lines = linesByName(dependencies);
    }

    /**
     * Reads {@code modules.dep} and {@code modules.builtin} of a module folder.
     *
     * @param folder such as {@code /lib/modules/6.1.0-56-amd64}
     * @throws IOException if {@code modules.dep} cannot be read; a missing {@code modules.builtin} means that nothing is built in
     */
    public static KernelModules read(Path folder) throws IOException {
        Set<String> builtin = new HashSet<>();
        Path list = folder.resolve("modules.builtin");
        if (Files.exists(list)) {
            Files.readAllLines(list).stream()
                    .filter(line -> !line.isBlank())
                    .forEach(line -> builtin.add(nameOf(line)));
        }
        return new KernelModules(folder, builtin, Files.readString(folder.resolve("modules.dep")));
    }

    /**
     * Where the line of each module begins. A start reads this file in a JVM that has compiled nothing yet, and it has 4,000 lines: to
     * split each into its parts took 156 ms, this takes 16, and the parts of a dozen are all that is asked for.
     */
    private static Map<String, Integer> linesByName(String text) {
        Map<String, Integer> lines = new HashMap<>();
        int end;
        for (int begin = 0; begin < text.length(); begin = end + 1) {
            end = text.indexOf('\n', begin);
            end = end < 0 ? text.length() : end;
            int colon = text.indexOf(':', begin);
            if (colon > begin && colon < end) {
                lines.put(nameOf(text.substring(Math.max(begin, text.lastIndexOf('/', colon)), colon)), begin);
            }
        }
        return lines;
    }

    private @Nullable Entry entry(String name) {
        Integer begin = lines.get(name);
        if (begin == null) {
            return null;
        }
        int end = dependencies.indexOf('\n', begin);
        String line = dependencies.substring(begin, end < 0 ? dependencies.length() : end);
        int colon = line.indexOf(':');
        String needs = line.substring(colon + 1).strip();
        return new Entry(line.substring(0, colon), needs.isEmpty() ? List.of() : List.of(needs.split("\\s+")));
    }

    /** {@return the name of a module, from its file or from another spelling: no folder, no suffix, {@code _} for {@code -}} */
    static String nameOf(String file) {
        String name = file.substring(file.lastIndexOf('/') + 1);
        int suffix = name.indexOf(".ko");
        return (suffix < 0 ? name : name.substring(0, suffix)).strip().replace('-', '_');
    }

    /** {@return the folder these modules are in} */
    public Path folder() {
        return folder;
    }

    /** {@return whether a module is part of the kernel image and needs no loading} */
    public boolean isBuiltin(String name) {
        return builtin.contains(nameOf(name));
    }

    /** {@return whether the kernel has a module, built in or as a file} */
    public boolean has(String name) {
        return isBuiltin(name) || lines.containsKey(nameOf(name));
    }

    /**
     * {@return those of the given names that the kernel has neither built in nor as a file, in the given order; a name that ends in
     * {@code ?} is welcome but not needed}
     */
    public List<String> missing(Collection<String> names) {
        return names.stream().filter(name -> !name.endsWith("?") && !has(name)).toList();
    }

    /**
     * {@return the files to load for the modules of these names, each after everything it needs, none twice; built-in ones need none}
     *
     * @throws IllegalArgumentException naming every module that the kernel does not have
     */
    public List<ModuleFile> loadOrder(Collection<String> names) {
        List<String> missing = missing(names);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("modules = " + missing + ": not in " + folder);
        }
        Set<String> ordered = new LinkedHashSet<>();
        names.forEach(name -> visit(nameOf(name.replace("?", "")), ordered, new HashSet<>()));
        List<ModuleFile> files = new ArrayList<>();
        for (String name : ordered) {
            Entry entry = entry(name);
            if (entry != null) {
                files.add(new ModuleFile(name, folder.resolve(entry.file())));
            }
        }
        return List.copyOf(files);
    }

    /** Depth first; the open set ends a circle, which depmod reports and does not write. */
    private void visit(String name, Set<String> ordered, Set<String> open) {
        Entry entry = entry(name);
        if (entry == null || builtin.contains(name) || ordered.contains(name) || !open.add(name)) {
            return;
        }
        // The nearest need comes first in modules.dep, so the farthest is visited first.
        for (int i = entry.needs().size() - 1; i >= 0; i--) {
            visit(nameOf(entry.needs().get(i)), ordered, open);
        }
        ordered.add(name);
    }
}
