/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Finds the programs that integration tests need; a missing one skips the test, or fails it where nothing may be skipped. */
final class Tools {
    private Tools() {}

    static Path require(String program, Path... furtherFolders) {
        Optional<Path> found = Stream.concat(
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                                .map(Path::of),
                        Stream.of(furtherFolders))
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            String message = program + " is not on this host";
            if (Boolean.getBoolean("microvm.it.required")) {
                Assertions.fail(message);
            }
            Assumptions.abort(message);
        }
        return found.orElseThrow();
    }

    /** {@return the library's cache folder, where a virtiofsd may have been put} */
    static Path cacheFolder() {
        String own = System.getenv("MICROVM_CACHE");
        if (own != null) {
            return Path.of(own);
        }
        return "root".equals(System.getProperty("user.name"))
                ? Path.of("/var/cache/microvm")
                : Path.of(System.getProperty("user.home"), ".cache/microvm");
    }
}
