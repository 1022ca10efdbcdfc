/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel lets this JVM, and so the daemons it starts, do.
 *
 * @param readSearch whether it has {@code CAP_DAC_READ_SEARCH}
 * @param chroot whether it has {@code CAP_SYS_CHROOT}
 * @param initialNamespace whether its user namespace is the machine's own, where capabilities count for file handles
 * @param noNewPrivileges whether setuid programs it starts stay without effect
 */
record CallerRights(boolean readSearch, boolean chroot, boolean initialNamespace, boolean noNewPrivileges) {
    /** The numbers of capabilities(7). */
    private static final int DAC_READ_SEARCH = 2;

    private static final int SYS_CHROOT = 18;

    static CallerRights current() {
        try {
            return of(
                    Files.readAllLines(Path.of("/proc/self/status")),
                    Files.readAllLines(Path.of("/proc/self/uid_map")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc/self", e);
        }
    }

    /** {@return the rights in the two files (proc(5))} The map of the initial namespace is all ids, one to one (user_namespaces(7)). */
    static CallerRights of(List<String> status, List<String> uidMap) {
        long effective = field(status, "CapEff:")
                .map(text -> Long.parseUnsignedLong(text, 16))
                .orElse(0L);
        boolean initial = uidMap.size() == 1 && uidMap.get(0).strip().matches("0\\s+0\\s+4294967295");
        return new CallerRights(
                ((effective >> DAC_READ_SEARCH) & 1) != 0,
                ((effective >> SYS_CHROOT) & 1) != 0,
                initial,
                field(status, "NoNewPrivs:").filter("1"::equals).isPresent());
    }

    private static Optional<String> field(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst();
    }

    boolean fileHandles() {
        return readSearch && initialNamespace;
    }
}
