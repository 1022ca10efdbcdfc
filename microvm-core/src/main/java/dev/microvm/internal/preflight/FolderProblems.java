/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.preflight;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.FileAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether a folder of the host can be shared: that it is there, is one, and can be read by whoever serves it. */
final class FolderProblems {
    private FolderProblems() {}

    /**
     * {@return what keeps a folder from being shared}
     *
     * @param subject the attribute, for the message
     * @param folder the folder
     * @param server the user that serves it; empty: the user of this JVM
     * @param writable whether the guest is to write there
     */
    static Optional<Problem> of(String subject, Path folder, Optional<FileAccess> server, boolean writable) {
        if (Files.notExists(folder)) {
            return Optional.of(new Problem(
                    subject, folder + " does not exist", "mkdir -p " + folder + ", or name the right folder"));
        }
        if (Files.isRegularFile(folder)) {
            return Optional.of(new Problem(
                    subject,
                    folder + " is a file; only folders can be shared",
                    "share its folder " + folder.toAbsolutePath().getParent()));
        }
        if (!Files.isDirectory(folder) || !Files.isReadable(folder) || !Files.isExecutable(folder)) {
            return Optional.of(new Problem(
                    subject,
                    "this user may not read the folder " + folder,
                    "chmod u+rx " + folder + " as its owner, or run as a user that may"));
        }
        return server.flatMap(access -> closedTo(access, subject, folder, writable));
    }

    private static Optional<Problem> closedTo(FileAccess access, String subject, Path folder, boolean writable) {
        try {
            return (writable ? access.obstacleToWriting(folder) : access.obstacle(folder))
                    .map(
                            obstacle -> new Problem(
                                    subject,
                                    "QEMU runs as the user " + access.uid() + ", and " + obstacle,
                                    writable
                                            ? "use a VirtiofsShare, which the caller serves, make the share read-only, open the folder to"
                                                    + " that user, or say LaunchOptions.qemuUser(QemuUser.CALLER)"
                                            : "open that folder for it (chmod o+x lets it pass, o+rx lets it read), use a VirtiofsShare,"
                                                    + " which the caller serves, or say LaunchOptions.qemuUser(QemuUser.CALLER)"));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.of(
                    new Problem(subject, folder + " cannot be looked at: " + e.getMessage(), "name a readable folder"));
        }
    }
}
