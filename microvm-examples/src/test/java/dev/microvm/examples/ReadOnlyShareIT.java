/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A read-only share is read-only on the host's side: no kind of write gets through, even where the guest's root has remounted it, or has
 * mounted its tag again, to write. The same attempts on a writable share show that each of them would have been one.
 */
class ReadOnlyShareIT {
    private static final int KINDS_OF_WRITES = 16;

    private static final String SCRIPT = """
            TRY ON ALL
            for place in /mnt/v /mnt/p; do
                mount -o remount,rw "$place" && grep -q " $place .* rw" /proc/self/mounts || exit 3
            done
            TRY
            umount /mnt/v && mount -t virtiofs -o rw v /mnt/v || exit 4
            umount /mnt/p && mount -t 9p -o rw,trans=virtio,version=9p2000.L p /mnt/p || exit 5
            TRY
            """;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @ParameterizedTest
    @EnumSource(ShareCaller.class)
    void refusesEveryKindOfWriteHoweverItIsMounted(ShareCaller caller) throws Exception {
        caller.assumePossible();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        GuestProgram attempts = GuestProgram.in(folder.resolve("program"), GuestWriteAttempts.class);
        Path virtiofs = tree("virtiofs", caller.qemuUid());
        Path ninep = tree("9p", caller.qemuUid());
        Path writableVirtiofs = tree("writable virtiofs", caller.qemuUid());
        Path writable9p = tree("writable 9p", caller.qemuUid());
        List<String> before = listing(virtiofs, ninep);

        String output = caller.run(
                folder.resolve("run"),
                Map.of(),
                SCRIPT.replace("TRY ON ALL", attempts.shellLine("/mnt/v", "/mnt/p", "/mnt/vw", "/mnt/pw"))
                        .replace("TRY", attempts.shellLine("/mnt/v", "/mnt/p")),
                "9p,program," + attempts.folder() + ",/mnt/program,ro,0",
                "virtiofs,v," + virtiofs + ",/mnt/v,ro,0",
                "9p,p," + ninep + ",/mnt/p,ro,0",
                "virtiofs,vw," + writableVirtiofs + ",/mnt/vw,rw,0",
                "9p,pw," + writable9p + ",/mnt/pw,rw,0");

        for (String place : List.of("/mnt/v", "/mnt/p")) {
            assertThat(attempts(output, place))
                    .as(place)
                    .hasSize(3 * KINDS_OF_WRITES)
                    .noneMatch(attempt -> attempt.endsWith("\tWROTE"));
        }
        assertThat(listing(virtiofs, ninep)).isEqualTo(before);
        assertThat(attempts(output, "/mnt/vw"))
                .as("virtiofsd keeps no extended attributes by default")
                .filteredOn(attempt -> !attempt.endsWith("\tWROTE"))
                .allMatch(attempt -> attempt.startsWith("attribute\t"));
        assertThat(attempts(output, "/mnt/pw"))
                .as("9p without a cache has no shared maps to write to, and a QEMU without rights gives nothing away")
                .filteredOn(attempt -> !attempt.endsWith("\tWROTE"))
                .allMatch(attempt -> attempt.startsWith("map\t") || attempt.startsWith("owner"));
    }

    private static List<String> attempts(String output, String place) {
        String start = "ATTEMPT\t" + place + "\t";
        return output.lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .toList();
    }

    /** Everything in it belongs to whoever serves it, and all may write: nothing but the share itself refuses. */
    private Path tree(String name, int owner) throws IOException {
        Path top = Files.createDirectory(folder.resolve(name));
        Files.writeString(top.resolve("old"), "as it was");
        Files.writeString(top.resolve("other"), "as it was");
        Files.createSymbolicLink(top.resolve("link"), Path.of("old"));
        Files.createDirectory(top.resolve("empty"));
        try (Stream<Path> all = Files.walk(top)) {
            for (Path file : all.toList()) {
                if (!Files.isSymbolicLink(file)) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
                }
                if (Requirements.isRoot()) {
                    Files.setAttribute(file, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
        return top;
    }

    private static List<String> listing(Path... tops) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path top : tops) {
            try (Stream<Path> all = Files.walk(top)) {
                for (Path file : all.sorted().toList()) {
                    Map<String, Object> facts =
                            Files.readAttributes(file, "unix:mode,uid,gid,size,nlink,ctime", LinkOption.NOFOLLOW_LINKS);
                    lines.add(file + " " + new TreeMap<>(facts)
                            + (Files.isRegularFile(file) ? Files.readString(file) : ""));
                }
            }
        }
        return lines;
    }
}
