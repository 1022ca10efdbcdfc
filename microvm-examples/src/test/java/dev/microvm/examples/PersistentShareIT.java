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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A folder that is kept on the host and used by several users of the guest: everything in it belongs to the caller on the host and to the
 * user named in the guest, whoever writes it.
 */
class PersistentShareIT {
    private static final String SCRIPT = """
            as() { user=$1; shift; setpriv --reuid=$user --regid=$user --clear-groups "$@"; }
            cd /persistent || exit 1
            ls -ldn . | tr -s ' ' | cut -d ' ' -f 3,4 | sed 's/^/OWNER of the folder: /'
            as 0 sh -c 'echo by root >by-root && mkdir root-folder' || echo FAIL root writes
            as 1000 sh -c 'echo by user >by-user && mkdir -p .stack/inner && echo x >.stack/inner/x' || echo FAIL the user writes
            as 1000 sh -c 'echo more >>by-root && echo y >root-folder/y' || echo FAIL the user goes on where root began
            as 0 sh -c 'echo more >>by-user && rm .stack/inner/x' || echo FAIL root goes on where the user began
            as 1000 sh -c 'git=$(mktemp -d ./git-XXXXXX) && mv by-user "$git"/ && mv "$git"/by-user . && rmdir "$git"' ||
                echo FAIL the user moves things
            chown 1000:1000 by-root || echo FAIL chown to the user
            chown 0:0 by-user || echo FAIL chown to root
            chown 33:33 root-folder || echo FAIL chown to a third
            ls -ln by-root by-user | tr -s ' ' | cut -d ' ' -f 3,4 | sort -u | sed 's/^/OWNER after chown: /'
            as 1000 sh -c 'chmod 0600 by-user && [ "$(stat -c %a by-user)" = 600 ]' || echo FAIL the user sets modes
            sync
            exit 0
            """;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @ParameterizedTest
    @EnumSource(ShareCaller.class)
    void everyUserOfTheGuestWritesAndAllBelongsToTheCallerOnTheHost(ShareCaller caller) throws Exception {
        caller.assumePossible();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path persistent = Files.createDirectory(folder.resolve("persistent"));
        int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (caller == ShareCaller.UNPRIVILEGED) {
            uid = UnprivilegedCaller.UID;
            Files.setAttribute(persistent, "unix:uid", uid);
            Files.setAttribute(persistent, "unix:gid", uid);
        }

        String output = caller.run(
                folder.resolve("run"), Map.of(), SCRIPT, "auto,persistent," + persistent + ",/persistent,rw,1000");

        assertThat(output)
                .contains(
                        "CHOICE share \"persistent\" is by virtiofs: virtiofsd ",
                        "OWNER of the folder: 1000 1000",
                        "OWNER after chown: 1000 1000")
                .doesNotContain("FAIL", "OWNER after chown: 0 0", "OWNER after chown: 33 33");
        assertThat(persistent.resolve("by-root")).hasContent("by root\nmore\n");
        assertThat(persistent.resolve("by-user")).hasContent("by user\nmore\n");
        assertThat(Files.getPosixFilePermissions(persistent.resolve("by-user")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(owners(persistent)).containsOnly(uid);
    }

    /** By 9p nothing is translated; a mapped security model keeps what the guest says beside the file. */
    @ParameterizedTest
    @EnumSource(ShareCaller.class)
    void mappedModelsOf9pKeepTheGuestsOwnersAndModesAndTheHostSeesTheServersAndFmode(ShareCaller caller)
            throws Exception {
        caller.assumePossible();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> shares = new ArrayList<>();
        for (String model : List.of("mapped-xattr", "mapped-file")) {
            Path source = Files.createDirectory(folder.resolve(model));
            if (Requirements.isRoot()) {
                Files.setAttribute(source, "unix:uid", caller.qemuUid());
            }
            shares.add(model + "," + model + "," + source + ",/mnt/" + model + ",rw,0");
        }

        String output = caller.run(folder.resolve("run"), Map.of(), """
                for model in mapped-xattr mapped-file; do
                    cd /mnt/$model || exit 1
                    echo text >file && chown 33:44 file && chmod 4751 file && mkdir inner && mkfifo pipe || exit 2
                    { echo through >pipe & cat pipe; } && wait
                    cd / && umount /mnt/$model &&
                        mount -t 9p -o trans=virtio,version=9p2000.L $model /mnt/$model && cd /mnt/$model || exit 3
                    stat -c "$model %n %u %g %a %F" file inner pipe
                    ls -A | sed "s/^/$model HAS /"
                done
                """, shares.toArray(String[]::new));

        for (String model : List.of("mapped-xattr", "mapped-file")) {
            assertThat(output)
                    .contains(model + " file 33 44 4751 regular file", model + " inner 0 0 755 directory")
                    .contains(model + " pipe 0 0 644 fifo", "through")
                    .doesNotContain(model + " HAS .virtfs_metadata");
            Path file = folder.resolve(model).resolve("file");
            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
            assertThat(Files.getPosixFilePermissions(folder.resolve(model).resolve("inner")))
                    .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
            assertThat(owner(file)).isEqualTo(caller.qemuUid());
            assertThat(Files.isRegularFile(folder.resolve(model).resolve("pipe")))
                    .as("no pipe on the host")
                    .isTrue();
        }
    }

    private static List<Integer> owners(Path top) throws IOException {
        try (Stream<Path> all = Files.walk(top)) {
            List<Path> files = all.toList();
            assertThat(files).hasSizeGreaterThan(6);
            return files.stream().map(PersistentShareIT::owner).distinct().toList();
        }
    }

    private static int owner(Path file) {
        try {
            return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
