/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.nio.file.Path;
import java.util.List;

/** Where the build has put what is published. Tests run in their module's folder. */
final class PublishedJars {
    static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    static final List<String> MODULES = List.of("microvm-qmp", "microvm-core", "microvm-virtiofs", "microvm-nix");

    private PublishedJars() {}

    /** {@return such as {@code microvm-qmp/target/microvm-qmp-1.0-sources.jar}; the classifier is empty or begins with a dash} */
    static Path relative(String module, String classifier) {
        return Path.of(module, "target", module + "-" + version() + classifier + ".jar");
    }

    static Path of(String module, String classifier) {
        return REPOSITORY.resolve(relative(module, classifier));
    }

    private static String version() {
        return System.getProperty("build.version");
    }
}
