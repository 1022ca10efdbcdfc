/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProgramSearch;
import dev.microvm.qmp.JsonValue;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which virtiofsd this host has. Neither a path nor a name tells the Rust daemon from QEMU's old C one (Debian 13 has the Rust daemon
 * at the C daemon's path), so each candidate is asked for its version.
 *
 * @param program the daemon to use; empty where none was found
 * @param refused the candidates that exist and cannot be used, each with the reason, in the order in which they were tried
 */
public record VirtiofsdProbe(Optional<Program> program, List<Refusal> refused) {
    /** The variable that names the daemon to use; set, nothing else is tried. */
    public static final String VARIABLE = "MICROVM_VIRTIOFSD";

    /** Printing a version takes about 10 ms; a program that takes longer than this waits for something. */
    private static final Duration VERSION_LIMIT = Duration.ofSeconds(10);

    /**
     * Where a virtiofsd may be, apart from {@code PATH} and the cache.
     *
     * @param descriptions the folders with libvirt's descriptions of daemons, the most important first
     * @param fixed where distributions put it, outside {@code PATH}
     * @param profiles where Nix puts it
     */
    record Places(List<Path> descriptions, List<Path> fixed, List<Path> profiles) {
        /** {@return those of this host, as QEMU's documentation, the distributions and Nix name them} */
        static Places of(Map<String, String> environment) {
            Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
            Path config = Optional.ofNullable(environment.get("XDG_CONFIG_HOME"))
                    .filter(text -> text.startsWith("/"))
                    .map(Path::of)
                    .orElse(home.resolve(".config"));
            return new Places(
                    List.of(
                            config.resolve("qemu/vhost-user"),
                            Path.of("/etc/qemu/vhost-user"),
                            Path.of("/usr/share/qemu/vhost-user")),
                    List.of(
                            Path.of("/usr/libexec/virtiofsd"),
                            Path.of("/usr/lib/virtiofsd"),
                            Path.of("/usr/lib/qemu/virtiofsd")),
                    List.of(
                            home.resolve(".nix-profile/bin/virtiofsd"),
                            Path.of("/nix/var/nix/profiles/default/bin/virtiofsd"),
                            Path.of("/run/current-system/sw/bin/virtiofsd")));
        }
    }

    /**
     * A virtiofsd that can be used.
     *
     * @param path the program
     * @param version its version
     * @param features what it says of itself ({@code --print-capabilities}), such as {@code migrate-precopy} since 1.11.0
     */
    public record Program(Path path, VirtiofsdVersion version, Set<String> features) {
        /**
         * Copies the set.
         *
         * @param path taken as it is
         * @param version taken as it is
         * @param features copied; empty where it says nothing
         */
        public Program {
            features = Set.copyOf(features);
        }
    }

    /**
     * A candidate that cannot be used.
     *
     * @param path the program
     * @param reason why not, as a phrase
     */
    public record Refusal(Path path, String reason) {
        @Override
        public String toString() {
            return path + " " + reason;
        }
    }

    /**
     * Copies the list.
     *
     * @param program taken as it is
     * @param refused copied; in the order they were looked at
     */
    public VirtiofsdProbe {
        refused = List.copyOf(refused);
    }

    /**
     * Looks at {@code MICROVM_VIRTIOFSD}; where that is not set, at what the host describes for libvirt
     * ({@code /usr/share/qemu/vhost-user/*.json} and the two folders before it), in {@code PATH}, at the places of the distributions, in the
     * profiles of Nix, and in the cache ({@code bin/virtiofsd}), and takes the first that is the Rust daemon and has what a share with the
     * defaults needs, else the first Rust daemon. Each candidate is run with {@code --version}, for 10 s at most, the one taken also with
     * {@code --print-capabilities}; nothing is remembered between two calls.
     *
     * @param environment where {@code MICROVM_VIRTIOFSD}, {@code PATH}, {@code HOME} and {@code XDG_CONFIG_HOME} are taken from
     * @param cacheFolder the cache folder; it need not exist
     * @return the daemon to use, if there is one, and why others were passed over
     * @throws InterruptedException if the calling thread is interrupted
     */
    public static VirtiofsdProbe run(Map<String, String> environment, Path cacheFolder) throws InterruptedException {
        return run(environment, cacheFolder, Places.of(environment));
    }

    static VirtiofsdProbe run(Map<String, String> environment, Path cacheFolder, Places places)
            throws InterruptedException {
        List<Refusal> refused = new ArrayList<>();
        Optional<Program> older = Optional.empty();
        for (Path candidate : candidates(environment, cacheFolder, places)) {
            if (!ProgramSearch.isProgram(candidate)) {
                refused.add(new Refusal(candidate, "is not an executable file"));
                continue;
            }
            String answer = ask(candidate, "--version");
            Optional<VirtiofsdVersion> version = VirtiofsdVersion.parse(answer);
            if (version.isEmpty()) {
                refused.add(new Refusal(candidate, reason(answer)));
            } else if (version.get().isAtLeast(VirtiofsdVersion.NEEDED_BY_DEFAULT)) {
                return new VirtiofsdProbe(Optional.of(program(candidate, version.get())), refused);
            } else if (older.isEmpty()) {
                older = Optional.of(program(candidate, version.get()));
            }
        }
        return new VirtiofsdProbe(older, refused);
    }

    private static Set<Path> candidates(Map<String, String> environment, Path cacheFolder, Places places) {
        String wanted = environment.getOrDefault(VARIABLE, "");
        if (!wanted.isEmpty()) {
            return Set.of(ProgramSearch.find(wanted, environment).orElse(Path.of(wanted)));
        }
        Set<Path> candidates = new LinkedHashSet<>(DescribedDaemons.of(places.descriptions()));
        ProgramSearch.find("virtiofsd", environment).ifPresent(candidates::add);
        Stream.of(places.fixed(), places.profiles(), List.of(cacheFolder.resolve("bin/virtiofsd")))
                .flatMap(List::stream)
                .filter(ProgramSearch::isProgram)
                .forEach(candidates::add);
        return candidates;
    }

    private static Program program(Path path, VirtiofsdVersion version) throws InterruptedException {
        return new Program(path, version, features(ask(path, "--print-capabilities")));
    }

    /** {@return the features in what {@code --print-capabilities} prints; none where that is something else} */
    static Set<String> features(String answer) {
        try {
            if (JsonValue.parse(answer) instanceof JsonValue.Obj object
                    && object.find("features").orElse(JsonValue.Obj.EMPTY) instanceof JsonValue.Arr list) {
                return list.items().stream()
                        .filter(JsonValue.Str.class::isInstance)
                        .map(item -> ((JsonValue.Str) item).value())
                        .collect(Collectors.toUnmodifiableSet());
            }
        } catch (IllegalArgumentException e) {
            // an older daemon, or none that says it
        }
        return Set.of();
    }

    private static String ask(Path candidate, String option) throws InterruptedException {
        try {
            ProcessExit exit = HostProcess.run(List.of(candidate.toString(), option), Map.of(), VERSION_LIMIT);
            return exit.succeeded() ? exit.text() : exit.describe();
        } catch (UncheckedIOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Says what a program is that answered something else than a version of the Rust daemon. */
    static String reason(String answer) {
        String first = answer.lines().findFirst().orElse("").strip();
        if (first.startsWith("virtiofsd version ")) {
            return "is QEMU's old daemon in C (" + first.substring("virtiofsd version ".length())
                    + "), which wants root and cannot map users";
        }
        return first.isEmpty() ? "prints no version" : "is not virtiofsd, it answers: " + first;
    }

    /** {@return what was found, in a sentence} */
    public String describe() {
        String others = refused.stream().map(Refusal::toString).collect(Collectors.joining("; "));
        return program.map(found -> "virtiofsd " + found.version() + " at " + found.path())
                .orElse(
                        others.isEmpty()
                                ? "no virtiofsd described for libvirt, in PATH, at the usual places (/usr/libexec,"
                                        + " /usr/lib), in a profile of Nix or in the cache"
                                : "no virtiofsd that can be used: " + others);
    }
}
