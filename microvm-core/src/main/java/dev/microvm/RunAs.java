/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The user that QEMU runs as where that is not the caller.
 *
 * @param name the user's name
 * @param uid the user id
 * @param gid the group id
 * @param groups supplementary group ids, such as that of {@code /dev/kvm}
 */
record RunAs(String name, int uid, int gid, List<Integer> groups) {
    RunAs {
        groups = List.copyOf(groups);
    }

    /** {@return the user {@code nobody} of this host; empty if it has none} */
    static Optional<RunAs> nobody(boolean kvm) throws IOException {
        for (String line : Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.UTF_8)) {
            String[] fields = line.split(":", -1);
            if (fields.length > 3 && fields[0].equals("nobody")) {
                return Optional.of(new RunAs(
                        "nobody",
                        Integer.parseInt(fields[2]),
                        Integer.parseInt(fields[3]),
                        kvm ? kvmGroup() : List.of()));
            }
        }
        return Optional.empty();
    }

    private static List<Integer> kvmGroup() throws IOException {
        Path device = Path.of("/dev/kvm");
        return Files.exists(device) ? List.of((Integer) Files.getAttribute(device, "unix:gid")) : List.of();
    }
}
