/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.internal.process.ProgramSearch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
        String override = environment.getOrDefault(OVERRIDE, "");
        Optional<Path> program = override.isEmpty()
                ? ProgramSearch.find("nix-store", environment).or(() -> installed(environment))
                : ProgramSearch.find(override, environment);
        return program.map(Path::toAbsolutePath).map(NixPrograms::new);
    }

    /** @throws NixException if there are none */
    static NixPrograms require(Map<String, String> environment) {
        return find(environment)
                .orElseThrow(() -> missing(
                        "nix-store",
                        OVERRIDE + " = " + environment.getOrDefault(OVERRIDE, "(not set)") + ", PATH = "
                                + environment.getOrDefault("PATH", "(not set)")));
    }

    private static Optional<Path> installed(Map<String, String> environment) {
        return Stream.of(
                        environment.getOrDefault("HOME", "/root") + "/.nix-profile",
                        "/nix/var/nix/profiles/default",
                        "/run/current-system/sw")
                .map(folder -> Path.of(folder, "bin/nix-store"))
                .filter(ProgramSearch::isProgram)
                .findFirst();
    }

    Path nixStore() {
        return nixStore;
    }

    /** {@return another program of the same Nix} */
    Path sibling(String name) {
        Path program = folder.resolve(name);
        if (!ProgramSearch.isProgram(program)) {
            throw missing(name, "not an executable file: " + program);
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

    private static NixException missing(String name, String looked) {
        FailureReport report = FailureReport.of("find " + name, Phase.SERVICES, Duration.ZERO, looked, INSTALL);
        return new NixException("there is no program " + name, report, null);
    }
}
