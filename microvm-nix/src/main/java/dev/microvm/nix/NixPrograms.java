/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the caller's Nix programs are. {@code MICROVM_NIX_STORE} names {@code nix-store} itself; otherwise it is looked for on {@code PATH},
 * then where Nix' installers put it, for an IDE started from a desktop has no shell's {@code PATH}. The other programs stand beside it.
 */
final class NixPrograms {
    static final String OVERRIDE = "MICROVM_NIX_STORE";

    private static final String INSTALL =
            "install Nix (Debian: apt install nix-bin), or set " + OVERRIDE + " to the program nix-store";

    private final Path folder;
    private final Path nixStore;

    private NixPrograms(Path nixStore) {
        this.nixStore = nixStore;
        this.folder = nixStore.resolveSibling("");
    }

    static Optional<NixPrograms> find(Map<String, String> environment) {
        return candidates(environment).stream()
                .filter(NixPrograms::isProgram)
                .findFirst()
                .map(NixPrograms::new);
    }

    /** @throws NixException if there are none */
    static NixPrograms require(Map<String, String> environment) {
        return find(environment).orElseThrow(() -> missing("nix-store", candidates(environment)));
    }

    private static List<Path> candidates(Map<String, String> environment) {
        String override = environment.getOrDefault(OVERRIDE, "");
        if (!override.isEmpty()) {
            return List.of(Path.of(override).toAbsolutePath());
        }
        List<Path> found = new ArrayList<>();
        for (String entry : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (entry.startsWith("/")) {
                found.add(Path.of(entry, "nix-store"));
            }
        }
        String home = environment.getOrDefault("HOME", "");
        if (!home.isEmpty()) {
            found.add(Path.of(home, ".nix-profile/bin/nix-store"));
        }
        found.add(Path.of("/nix/var/nix/profiles/default/bin/nix-store"));
        found.add(Path.of("/run/current-system/sw/bin/nix-store"));
        return found;
    }

    Path nixStore() {
        return nixStore;
    }

    /** {@return another program of the same Nix} */
    Path sibling(String name) {
        Path program = folder.resolve(name);
        if (!isProgram(program)) {
            throw missing(name, List.of(program));
        }
        return program;
    }

    /**
     * {@return {@code nix-store} by a path that does not lead through {@code /nix/var}, which a guest does not see; the file's name stays,
     * for the program goes by it}
     */
    Path withoutProfiles() {
        try {
            return folder.toRealPath().resolve(nixStore.getFileName());
        } catch (IOException e) {
            return nixStore;
        }
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    private static NixException missing(String name, List<Path> looked) {
        FailureReport report =
                FailureReport.of("find " + name, Phase.SERVICES, Duration.ZERO, "not an executable file: " + looked, INSTALL);
        return new NixException("there is no program " + name, report, null);
    }
}
