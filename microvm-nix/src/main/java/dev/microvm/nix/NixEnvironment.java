/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts {@code env} in front of a Nix program, such that it works on the store that was named and on no other. */
final class NixEnvironment {
    /** A folder that does not exist, where Debian's own build daemons point {@code HOME}: no settings, no caches. */
    private static final String NOWHERE = "/nonexistent";

    /** What would lead away from the host's own store. */
    private static final List<String> LEADING_ELSEWHERE =
            List.of("NIX_STORE", "NIX_STORE_DIR", "NIX_STATE_DIR", "NIX_LOG_DIR", "NIX_LOCALSTATE_DIR");

    private NixEnvironment() {}

    /** {@return the command, run with the environment that fits the store} */
    static List<String> apply(NixStore store, Map<String, String> callers, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("env"));
        store.root().ifPresentOrElse(root -> addPrivate(whole, root, callers), () -> addHost(whole));
        whole.addAll(command);
        return whole;
    }

    /** The host's store is used with the host's own settings, by the daemon for those who cannot write it themselves ({@code auto}). */
    private static void addHost(List<String> words) {
        LEADING_ELSEWHERE.forEach(name -> words.addAll(List.of("-u", name)));
        words.add("NIX_REMOTE=auto");
    }

    /** A private store is the caller's alone: no settings of host or user, no network, no build users, no daemon. */
    private static void addPrivate(List<String> words, Path root, Map<String, String> callers) {
        words.add("-i");
        words.add("PATH=" + callers.getOrDefault("PATH", "/usr/bin:/bin"));
        words.add("TMPDIR=" + callers.getOrDefault("TMPDIR", "/tmp"));
        words.add("HOME=" + NOWHERE);
        words.add("NIX_CONF_DIR=" + NOWHERE);
        words.add("NIX_USER_CONF_FILES=");
        words.add("NIX_REMOTE=local?root=" + SqliteConnections.percentEncoded(root.toString()));
        words.add("NIX_CONFIG=build-users-group =\nsubstituters =\nbuilders =\nsandbox = true\nsandbox-paths = "
                + shellFolders());
    }

    /** The builder of a derivation in a private store sees only what is named; {@code /bin/sh} needs these. */
    private static String shellFolders() {
        return Stream.of("/bin", "/usr", "/lib", "/lib64")
                .filter(folder -> Files.exists(Path.of(folder)))
                .collect(Collectors.joining(" "));
    }
}
