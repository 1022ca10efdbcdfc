/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.internal.process.HostProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a user may do with a folder, found out as that user: with access control lists, capabilities and read-only mounts counted in.
 *
 * @param asUser the words before a program that make it run as the user; empty for the user of this JVM
 */
record UserAccess(List<String> asUser) {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    UserAccess {
        asUser = List.copyOf(asUser);
    }

    /** {@return the access of a user; that of the caller where both are the same} */
    static UserAccess of(int uid, int callerUid) {
        if (uid == callerUid) {
            return new UserAccess(List.of());
        }
        return new UserAccess(
                List.of("setpriv", "--reuid=" + uid, "--regid=" + groupOf(uid), "--clear-groups", "--inh-caps=-all"));
    }

    /** QEMU gets the user's own group. (passwd(5)) */
    private static int groupOf(int uid) {
        try {
            for (String line : Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1)) {
                String[] fields = line.split(":", -1);
                if (fields.length > 3 && fields[2].equals(Integer.toString(uid)) && fields[3].matches("\\d{1,9}")) {
                    return Integer.parseInt(fields[3]);
                }
            }
        } catch (IOException e) {
            return uid;
        }
        return uid;
    }

    /** {@return whether the user may list and enter a folder, and write there where that is asked; true where it cannot be found out} */
    boolean may(Path folder, boolean write) {
        if (asUser.isEmpty()) {
            return Files.isReadable(folder) && Files.isExecutable(folder) && (!write || Files.isWritable(folder));
        }
        List<String> command = new ArrayList<>(asUser);
        command.addAll(List.of(
                "sh",
                "-c",
                "[ -r \"$1\" ] && [ -x \"$1\" ] && { [ \"$2\" = ro ] || [ -w \"$1\" ]; }",
                "sh",
                folder.toString(),
                write ? "rw" : "ro"));
        try {
            return HostProcess.run(command, Map.of(), LIMIT).code() != 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (UncheckedIOException e) {
            return true; // no setpriv: the lifeline needs it too, and its absence is told
        }
    }
}
