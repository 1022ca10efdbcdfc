/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProgramSearch;
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

    /** Where distributions put it, outside {@code PATH}. */
    private static final List<String> FIXED =
            List.of("/usr/libexec/virtiofsd", "/usr/lib/virtiofsd", "/usr/lib/qemu/virtiofsd");

    /** Printing a version takes about 10 ms; a program that takes longer than this waits for something. */
    private static final Duration VERSION_LIMIT = Duration.ofSeconds(10);

    /**
     * A virtiofsd that can be used.
     *
     * @param path the program
     * @param version its version
     */
    public record Program(Path path, VirtiofsdVersion version) {}

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
     * Looks at {@code MICROVM_VIRTIOFSD}; where that is not set, in {@code PATH}, at the places of the distributions, and in the cache
     * ({@code bin/virtiofsd}), and takes the first that is the Rust daemon and has what a share with the defaults needs, else the first
     * Rust daemon. Each candidate is run with {@code --version}, for 10 s at
     * most; nothing is remembered between two calls.
     *
     * @param environment where {@code MICROVM_VIRTIOFSD} and {@code PATH} are taken from
     * @param cacheFolder the cache folder; it need not exist
     * @return the daemon to use, if there is one, and why others were passed over
     * @throws InterruptedException if the calling thread is interrupted
     */
    public static VirtiofsdProbe run(Map<String, String> environment, Path cacheFolder) throws InterruptedException {
        List<Refusal> refused = new ArrayList<>();
        Optional<Program> older = Optional.empty();
        for (Path candidate : candidates(environment, cacheFolder)) {
            if (!ProgramSearch.isProgram(candidate)) {
                refused.add(new Refusal(candidate, "is not an executable file"));
                continue;
            }
            String answer = ask(candidate);
            Optional<VirtiofsdVersion> version = VirtiofsdVersion.parse(answer);
            if (version.isEmpty()) {
                refused.add(new Refusal(candidate, reason(answer)));
            } else if (version.get().isAtLeast(VirtiofsdVersion.NEEDED_BY_DEFAULT)) {
                return new VirtiofsdProbe(Optional.of(new Program(candidate, version.get())), refused);
            } else if (older.isEmpty()) {
                older = Optional.of(new Program(candidate, version.get()));
            }
        }
        return new VirtiofsdProbe(older, refused);
    }

    private static Set<Path> candidates(Map<String, String> environment, Path cacheFolder) {
        String wanted = environment.getOrDefault(VARIABLE, "");
        if (!wanted.isEmpty()) {
            return Set.of(ProgramSearch.find(wanted, environment).orElse(Path.of(wanted)));
        }
        Set<Path> candidates = new LinkedHashSet<>();
        ProgramSearch.find("virtiofsd", environment).ifPresent(candidates::add);
        FIXED.stream().map(Path::of).filter(ProgramSearch::isProgram).forEach(candidates::add);
        Path cached = cacheFolder.resolve("bin/virtiofsd");
        if (ProgramSearch.isProgram(cached)) {
            candidates.add(cached);
        }
        return candidates;
    }

    private static String ask(Path candidate) throws InterruptedException {
        try {
            ProcessExit exit = HostProcess.run(List.of(candidate.toString(), "--version"), Map.of(), VERSION_LIMIT);
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
                                ? "no virtiofsd in PATH, at " + String.join(", ", FIXED) + " or in the cache"
                                : "no virtiofsd that can be used: " + others);
    }
}
