/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job on "the host's own" {@code /nix/store}, by root who has agreed to it. It runs in a mount namespace whose {@code /nix} is a
 * folder of the test, so that this machine's own is never touched, and needs not even be there.
 */
class HostStoreIT {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    /** A root of everything in this one but {@code /nix}: a mount point for that cannot be made in a root that is not ours to change. */
    private static final String WITH_ANOTHER_NIX = String.join(
            "\n",
            "set -e",
            "root=$1 nix=$2",
            "shift 2",
            "mount -t tmpfs -o mode=755 root \"$root\"",
            "for entry in /*; do",
            "    if [ \"$entry\" = /nix ]; then",
            "        continue",
            "    elif [ -L \"$entry\" ]; then",
            "        cp -P \"$entry\" \"$root$entry\"",
            "    elif [ -d \"$entry\" ]; then",
            "        mkdir \"$root$entry\"",
            "        mount --rbind \"$entry\" \"$root$entry\"",
            "    fi",
            "done",
            "mkdir \"$root/nix\"",
            "mount --bind \"$nix\" \"$root/nix\"",
            "exec chroot \"$root\" \"$@\"");

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsVms() {
        Requirements.full();
        Requirements.canBootHostRoot();
        Requirements.need(new NixPresence().isThere(), "nix-store is there");
        assumeTrue(Requirements.isRoot(), "only root may mount, and only root's --yes means the host's store");
    }

    @Test
    void worksOnTheHostsOwnStoreAndChangesNothingButTheAgreedPaths() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path nix = Files.createDirectory(folder.resolve("nix"));
        Path states = folder.resolve("states");
        List<String> before = topOfTheRealNix();
        List<String> prefix = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                WITH_ANOTHER_NIX,
                "sh",
                Files.createDirectory(folder.resolve("root")).toString(),
                nix.toString());

        String output;
        try (ChildJvm job = ChildJvm.start(
                Map.of("MICROVM_STATE", states.toString()), prefix, ChildJvm.classPath(), DevVm.class, "--yes")) {
            job.awaitLine("       READY", LIMIT);
            assertThat(qemuOf(states)).as("QEMU runs as nobody").contains("Uid:\t65534\t65534\t65534\t65534");
            int code = job.awaitExit(LIMIT);
            output = job.output();
            assertThat(code).as(output).isZero();
        }

        assertThat(output)
                .contains("using this host's Nix store, as agreed by --yes")
                .contains("[ ok ] the host's store is untouched")
                .contains("[ ok ] it belongs to the caller")
                .contains("facts hold")
                .doesNotContain("[FAIL]");
        try (Stream<Path> paths = Files.list(nix.resolve("store"))) {
            assertThat(paths.map(path -> path.getFileName().toString()))
                    .as("what the job said it would add")
                    .filteredOn(name -> !name.equals(".links"))
                    .hasSize(2)
                    .anyMatch(name -> name.endsWith("-microvm-greeting"))
                    .anyMatch(name -> name.endsWith("-microvm-letter"));
        }
        assertThat(nix.resolve("var/nix/db/db.sqlite")).isNotEmptyFile();
        assertThat(topOfTheRealNix()).as("this machine's own").isEqualTo(before);
        assertThat(HostProcesses.describe(HostProcesses.naming(states))).isEmpty();
        assertThat(states).isEmptyDirectory();
    }

    private static String qemuOf(Path states) throws IOException {
        List<Long> qemu = HostProcesses.naming(states).stream()
                .filter(pid -> HostProcesses.commandLine(Path.of("/proc", Long.toString(pid)))
                        .contains("/qemu-system-"))
                .filter(pid -> HostProcesses.commandLine(Path.of("/proc", Long.toString(pid)))
                        .contains("\0-nodefaults\0"))
                .toList();
        assertThat(qemu).hasSize(1);
        return Files.readString(Path.of("/proc", Long.toString(qemu.get(0)), "status"));
    }

    /** {@return the entries of this machine's store and the files of its database, with their times; empty where there is none} */
    private static List<String> topOfTheRealNix() throws IOException {
        List<String> entries = new ArrayList<>();
        for (Path place : List.of(Path.of("/nix"), Path.of("/nix/store"), Path.of("/nix/var/nix/db"))) {
            if (Files.isDirectory(place)) {
                entries.add(place + " is there");
                try (Stream<Path> files = Files.list(place)) {
                    for (Path file : files.sorted().toList()) {
                        entries.add(file + " " + Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS));
                    }
                }
            }
        }
        return entries;
    }
}
