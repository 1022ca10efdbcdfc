/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Whether a {@code nix-store} can be run here. */
final class NixPresence {
    boolean isThere() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "nix-store")));
    }
}
