/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds programs as {@code execvp(3)} does. */
public final class ProgramSearch {
    private ProgramSearch() {}

    /**
     * {@return the file behind a program's name: the name itself where it holds a slash, else the first executable of that name in
     * {@code PATH}; empty where there is none}
     *
     * @param program a name or path
     * @param environment where {@code PATH} is taken from; without it nothing is found by name
     */
    public static Optional<Path> find(String program, Map<String, String> environment) {
        if (program.isEmpty() || program.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        if (program.indexOf('/') >= 0) {
            return Optional.of(Path.of(program)).filter(ProgramSearch::isProgram);
        }
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            // An empty entry is the working directory for execvp(3); a program picked up there is an accident or an
            // attack.
            if (!folder.isEmpty() && isProgram(Path.of(folder, program))) {
                return Optional.of(Path.of(folder, program));
            }
        }
        return Optional.empty();
    }

    /** {@return whether a file is there and this user may execute it} */
    public static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
