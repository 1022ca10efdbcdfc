/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks for programs in the folders of an environment's {@code PATH}. */
public final class ExecutableSearch {
    /** What {@code PATH} of an unprivileged user often lacks although the programs are there. */
    private static final List<String> ALSO = List.of("/usr/sbin", "/sbin");

    private final List<Path> folders;

    /** Reads {@code PATH}; empty and relative entries are passed over, since a library must not run what lies in the working directory. */
    public ExecutableSearch(Map<String, String> environment) {
        List<Path> found = new ArrayList<>();
        for (String entry : environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin").split(":", -1)) {
            addAbsolute(found, entry);
        }
        ALSO.forEach(entry -> addAbsolute(found, entry));
        this.folders = List.copyOf(found);
    }

    private static void addAbsolute(List<Path> folders, String entry) {
        try {
            Path folder = Path.of(entry);
            if (folder.isAbsolute() && !folders.contains(folder)) {
                folders.add(folder);
            }
        } catch (InvalidPathException e) {
            // An entry that cannot be a path holds no program.
        }
    }

    /** {@return the first file of this name that may be executed} */
    public Optional<Path> find(String program) {
        return folders.stream()
                .map(folder -> folder.resolve(program))
                .filter(ExecutableSearch::isExecutable)
                .findFirst();
    }

    /** {@return the folders looked into, for error messages} */
    List<Path> folders() {
        return folders;
    }

    static boolean isExecutable(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
