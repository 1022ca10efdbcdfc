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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners on both sides of a virtiofs share, by each kind of map, for a caller without rights. */
class IdMapIT {
    private static final Duration START = Duration.ofMinutes(2);

    @TempDir
    private Path common;

    private Path states = Path.of("/nowhere");

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
        assumeTrue(Requirements.isRoot(), "only root can become another user");
    }

    @BeforeEach
    void ownStateRoot() throws IOException {
        states = Files.createTempDirectory("mv-it-");
        Files.setPosixFilePermissions(common, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(HostProcesses.describe(HostProcesses.naming(states))).isEmpty();
        Files.delete(states);
    }

    private Path folder(UnprivilegedCaller nobody, String... names) throws IOException {
        nobody.own(states);
        Path shared = Files.createDirectory(common.resolve("shared"));
        nobody.own(shared);
        for (String name : names) {
            Path folder = Files.createDirectory(shared.resolve(name));
            nobody.own(folder);
            // A group outside the map would be nobody's in the namespace, and keep even root out.
            Files.setAttribute(folder, "unix:gid", UnprivilegedCaller.UID);
        }
        return shared;
    }

    private static String run(List<String> prefix, UnprivilegedCaller nobody, Path shared, String... names)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(shared.toString()));
        arguments.addAll(List.of(names));
        try (ChildJvm jvm = ChildJvm.startWithClassPath(
                prefix, nobody.classPath(), IdMapProgram.class, arguments.toArray(String[]::new))) {
            int code = jvm.awaitExit(START);
            String output = jvm.output();
            assertThat(code).as(output).isZero();
            return output;
        }
    }

    private static void assertOwner(Path file, int uid) throws IOException {
        assertThat(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                .as(file.toString())
                .isEqualTo(uid);
    }

    @Test
    void guestSeesSensibleOwnersAndTheHostTheCallers() throws Exception {
        UnprivilegedCaller nobody = UnprivilegedCaller.in(common);
        String[] names = {"caller", "namespace", "translating"};
        Path shared = folder(nobody, names);

        assertThat(run(nobody.prefixWith("MICROVM_STATE", states.toString()), nobody, shared, names))
                .contains("caller: root 0, user 0, owner 1000:1000, chown 0")
                .contains("namespace: root 0, user 0, owner 1000:1000, chown 1")
                .contains("translating: root 0, user 0, owner 1000:1000, chown 1");
        for (String file :
                List.of("caller/root", "caller/user", "namespace/root", "namespace/user", "translating/user")) {
            assertOwner(shared.resolve(file), UnprivilegedCaller.UID);
        }
    }

    @Test
    void subordinateIdsKeepOwnersApart() throws Exception {
        Requirements.need(
                SetUpHost.has("newuidmap") && SetUpHost.has("newgidmap"), "newuidmap is there (package uidmap)");
        UnprivilegedCaller nobody = UnprivilegedCaller.in(common);
        Path shared = folder(nobody, "subordinate");
        // A doubled and an overlapping line are nothing special to those who edit such files, and must be none here.
        Path ids = Files.writeString(
                common.resolve("ids"),
                (UnprivilegedCaller.UID + ":100000:65536\n").repeat(2) + UnprivilegedCaller.UID + ":99990:20\n");
        String before = subordinateFiles();
        // Their ids in an /etc of the test's own mount namespace: this machine's stays as it is, also where it has no
        // such files.
        List<String> prefix = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o mode=0755 etc /mnt && cp -a /etc/. /mnt && mount --bind /mnt /etc"
                        + " && cp \"$1\" /etc/subuid && cp \"$1\" /etc/subgid && shift && exec \"$@\"",
                "sh",
                ids.toString()));
        prefix.addAll(nobody.prefixWith("MICROVM_STATE", states.toString()));

        assertThat(run(prefix, nobody, shared, "subordinate"))
                .contains("subordinate: root 0, user 0, owner 1000:1000, chown 0");
        assertOwner(shared.resolve("subordinate/root"), 100_000);
        assertOwner(shared.resolve("subordinate/user"), 100_005);
        assertThat(subordinateFiles()).as("this machine's own files").isEqualTo(before);
    }

    private static String subordinateFiles() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String name : List.of("subuid", "subgid")) {
            Path file = Path.of("/etc", name);
            text.append(name)
                    .append(Files.exists(file) ? " of " + Files.getLastModifiedTime(file) : " is not there")
                    .append('\n');
        }
        return text.toString();
    }
}
