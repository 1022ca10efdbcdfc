/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spec.VirtiofsShare;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What can be said about a share before anything is started. */
final class VirtiofsdChecks {
    /** The bytes of {@code sun_path} without the closing NUL (Linux, unix(7)). */
    private static final int MAX_SOCKET_PATH_BYTES = 107;

    private VirtiofsdChecks() {}

    static List<Problem> of(
            VirtiofsShare share,
            Path socket,
            VirtiofsdProbe probe,
            Path cacheFolder,
            Caller caller,
            CallerRights rights) {
        List<Problem> problems = new ArrayList<>();
        probe.program()
                .ifPresentOrElse(
                        found -> problems.addAll(VirtiofsdCommand.problems(share, found, caller, rights)),
                        () -> problems.add(new Problem("virtiofsd", probe.describe(), cure(cacheFolder))));
        source(problems, share);
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_SOCKET_PATH_BYTES) {
            problems.add(new Problem(
                    "shares[tag=" + share.tag() + "]",
                    "its socket " + socket + " has " + bytes + " bytes, a socket's path ends at "
                            + MAX_SOCKET_PATH_BYTES,
                    "use a shorter state folder, for instance by XDG_RUNTIME_DIR"));
        }
        return problems;
    }

    static String cure(Path cacheFolder) {
        return "install the daemon of the virtio-fs project, 1.13 or later (Debian 13, Fedora, Arch: package virtiofsd; "
                + "Nix: nixpkgs#virtiofsd; Debian 12 has none), put one at " + cacheFolder.resolve("bin/virtiofsd")
                + ", or name it in " + VirtiofsdProbe.VARIABLE;
    }

    private static void source(List<Problem> problems, VirtiofsShare share) {
        String subject = "shares[tag=" + share.tag() + "].source";
        Path source = share.source().toAbsolutePath();
        if (!Files.exists(source)) {
            problems.add(new Problem(subject, source + " does not exist", "create it: mkdir -p " + source));
        } else if (!Files.isDirectory(source)) {
            problems.add(new Problem(subject, source + " is not a folder", "share the folder that holds it"));
        } else if (!Files.isReadable(source) || !Files.isExecutable(source)) {
            problems.add(new Problem(subject, source + " cannot be read by this user", "chmod u+rx " + source));
        } else if (!share.readOnly() && !Files.isWritable(source)) {
            problems.add(new Problem(
                    subject,
                    source + " cannot be written by this user",
                    "share it with readOnly, or chmod u+w " + source));
        }
    }
}
