/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.error.PreflightException;
import dev.microvm.error.VmStartException;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that is new at every boot keeps what its spec lists, for the system and for a user, on a share and on a volume. */
class PersistenceIT {
    private static final int UID = 1000;
    private static final String AS_DEV = "setpriv --reuid=" + UID + " --regid=" + UID + " --clear-groups sh -c ";

    @TempDir
    private Path temp;

    private Path shared;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @BeforeEach
    void folder() throws IOException {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        shared = Files.createDirectory(temp.resolve("persistent"));
    }

    private static VmSpec.Builder base() {
        return VmSpec.builder()
                .name("keeper")
                .memoryMib(512)
                // The host's homes are private, and a guest's user needs one of his own.
                .boot(HostRoot.builder()
                        .from(BootSource.hostRoot())
                        .addEmptyFolders("/home")
                        .build());
    }

    private VmSpec dev() {
        return base().addShares(VirtiofsShare.of("persistent", shared)
                        .mountedAt("/persistent")
                        .mappingUser(UID))
                .addPersistence(
                        Persistence.at("/persistent")
                                .directories("/var/lib/foo", "/opt/new/deep")
                                .files("/etc/machine-id", "/etc/new/id"),
                        Persistence.at("/persistent")
                                .directories("git", ".local/share/stack")
                                .file(".netrc", 0600)
                                .ofUser("dev", UID))
                .build();
    }

    private static String sh(MicroVm vm, String script) {
        return vm.shell().sh(script).orFail().stdout().strip();
    }

    private static final String[] DEV = {
        "keep,/persistent,,,/var/lib/foo/,/opt/new/deep/,/etc/machine-id,/etc/new/id",
        "keep,/persistent,dev,1000,git/,.local/share/stack/,.netrc=600"
    };

    /** Runs a guest with the persistent folder of somebody's own. */
    private String boot(ShareCaller caller, String name, String script) throws Exception {
        return caller.run(
                temp.resolve(name),
                Map.of(),
                script,
                Stream.concat(Stream.of("virtiofs,persistent," + shared + ",/persistent,rw," + UID), Stream.of(DEV))
                        .toArray(String[]::new));
    }

    private static int owner(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private int give(ShareCaller caller, Path folder) throws IOException {
        if (caller == ShareCaller.UNPRIVILEGED) {
            Files.setAttribute(folder, "unix:uid", UnprivilegedCaller.UID);
            Files.setAttribute(folder, "unix:gid", UnprivilegedCaller.UID);
        }
        return owner(folder);
    }

    @ParameterizedTest
    @EnumSource(ShareCaller.class)
    void whatIsListedIsThereAtTheNextBootAndTheCallersOnTheHost(ShareCaller caller) throws Exception {
        caller.assumePossible();
        int callerUid = give(caller, shared);

        assertThat(boot(
                        caller,
                        "first",
                        "set -e\nstat -c %n:%u:%g:%a /home/dev /home/dev/git /home/dev/.local /home/dev/.netrc\n"
                                + AS_DEV
                                + "'echo code >/home/dev/git/a && echo key >>/home/dev/.netrc && ln -s a /home/dev/git/b'\n"
                                + """
                        echo state >/var/lib/foo/db; echo 0123 >/etc/machine-id; echo n >/etc/new/id; mkdir /opt/new/deep/er
                        echo lost >/var/lib/not-listed
                        """))
                .contains(
                        "/home/dev:1000:1000:700",
                        "/home/dev/git:1000:1000:755",
                        "/home/dev/.local:1000:1000:755",
                        "/home/dev/.netrc:1000:1000:600");

        try (Stream<Path> all = Files.walk(shared)) {
            List<Path> paths = all.toList();
            assertThat(paths)
                    .contains(
                            shared.resolve("home/dev/git/b"),
                            shared.resolve("opt/new/deep/er"),
                            shared.resolve("etc/new/id"))
                    .noneMatch(path -> path.toString().contains(".microvm-"));
            for (Path path : paths) {
                assertThat(owner(path)).as("owner of %s on the host", path).isEqualTo(callerUid);
            }
        }
        assertThat(shared.resolve("home/dev/git/a")).hasContent("code");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared.resolve("home/dev"))))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared.resolve("home/dev/.netrc"))))
                .isEqualTo("rw-------");

        assertThat(boot(caller, "second", AS_DEV + "'cat /home/dev/git/b /home/dev/.netrc'\n" + """
                        cat /var/lib/foo/db /etc/machine-id /etc/new/id; ls /opt/new/deep
                        [ ! -e /var/lib/not-listed ]
                        """))
                .contains("code\nkey\nstate\n0123\nn\ner\n");
    }

    /** It ended with "AtomicMoveNotSupportedException ... Invalid cross-device link": with impermanence such mounts are usual. */
    @ParameterizedTest
    @EnumSource(ShareCaller.class)
    void aFolderBelowTheShareMayBeAMountOfItsOwn(ShareCaller caller) throws Exception {
        assumeTrue(Requirements.isRoot(), "only root can mount");
        give(caller, shared);
        give(caller, Files.createDirectory(shared.resolve("vm")));
        // In a mount namespace of the test; nobody else sees it, and it goes with its last process.
        String mounted = "mount -t tmpfs -o mode=0755,uid=\"$2\" tmpfs \"$1\" && vm=$1 && shift 2 && \"$@\"; code=$?;"
                + " find \"$vm\" -printf 'MOUNT HAS %P of %U\\n'; exit $code";
        String output = caller.runBehind(
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        mounted,
                        "sh",
                        shared.resolve("vm").toString(),
                        "" + owner(shared)),
                temp.resolve("run"),
                "set -e\n" + AS_DEV + "'echo code >/home/dev/git/a'\necho state >/var/lib/foo/db\necho 1 >/etc/id\n",
                "virtiofs,persistent," + shared + ",/persistent,rw," + UID,
                "keep,/persistent/vm,,,/var/lib/foo/,/etc/id",
                "keep,/persistent/vm,dev,1000,git/");

        assertThat(output.lines())
                .contains(
                        "MOUNT HAS home/dev/git/a of " + owner(shared),
                        "MOUNT HAS var/lib/foo/db of " + owner(shared),
                        "MOUNT HAS etc/id of " + owner(shared));
    }

    /** What root makes must be given to whom it belongs in the guest, for such a share shows the owners of the host. */
    @Test
    void onAShareWithTheHostsOwnersEachFolderIsItsUsers() throws IOException {
        assumeTrue(Requirements.isRoot(), "only root can give files away");
        VmSpec spec = base().addShares(VirtiofsShare.builder()
                        .from(VirtiofsShare.of("persistent", shared).mountedAt("/persistent"))
                        .idMap(IdMap.IDENTITY)
                        .build())
                .addPersistence(
                        Persistence.at("/persistent").directories("/var/lib/foo"),
                        Persistence.at("/persistent")
                                .directories("src/git")
                                .file(".netrc", 0600)
                                .ofUser("dev", UID))
                .build();
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec)) {
            sh(
                    vm,
                    AS_DEV
                            + "'echo code >/home/dev/src/git/a && echo key >>/home/dev/.netrc && echo x >/home/dev/src/b'");
            sh(vm, "echo state >/var/lib/foo/db");
            vm.shutdown(Duration.ofSeconds(30));
        }
        for (String path :
                List.of("home/dev", "home/dev/src", "home/dev/src/git", "home/dev/src/git/a", "home/dev/.netrc")) {
            assertThat(Files.readAttributes(shared.resolve(path), "unix:uid,gid"))
                    .as(path)
                    .isEqualTo(Map.of("uid", UID, "gid", UID));
        }
        for (String path : List.of("home", "var", "var/lib", "var/lib/foo", "var/lib/foo/db")) {
            assertThat(Files.readAttributes(shared.resolve(path), "unix:uid,gid"))
                    .as(path)
                    .isEqualTo(Map.of("uid", 0, "gid", 0));
        }
    }

    /** The 9p share is here because it needs a boot only to be seen: QEMU serves it, who is not the caller where that is root. */
    @Test
    void aVolumeKeepsOwnersOfItsOwnAndA9pShareThoseOfQemu() throws IOException {
        Path served = Files.createDirectory(temp.resolve("served"));
        if (Requirements.isRoot()) {
            Files.setAttribute(served, "unix:uid", UnprivilegedCaller.UID);
        }
        VmSpec spec = base().addShares(NinePShare.of("served", served).mountedAt("/served"))
                .addPersistence(
                        Persistence.at("/served").directory("/opt/nine", 0750).files("/etc/nine"))
                .addVolumes(Volume.of(temp.resolve("data.img"))
                        .createdWith(64, FileSystem.EXT4)
                        .mountedAt("/data"))
                .addPersistence(
                        Persistence.at("/data/keep").directories("/var/lib/foo").files("/etc/machine-id"),
                        Persistence.at("/data/keep").directory("git", 0750).ofUser("dev", UID))
                .build();
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec)) {
            sh(vm, AS_DEV + "'echo code >/home/dev/git/a'");
            sh(vm, "echo state >/var/lib/foo/db; echo 0123 >/etc/machine-id; echo 9 >/opt/nine/n; echo p >/etc/nine");
            vm.shutdown(Duration.ofSeconds(30));
        }
        assertThat(served.resolve("opt/nine/n")).hasContent("9");
        assertThat(Files.getAttribute(served.resolve("opt/nine"), "unix:uid"))
                .isEqualTo(Files.getAttribute(served, "unix:uid"));
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec)) {
            assertThat(sh(vm, "cat /home/dev/git/a /var/lib/foo/db /etc/machine-id /opt/nine/n /etc/nine"))
                    .isEqualTo("code\nstate\n0123\n9\np");
            assertThat(
                            sh(
                                    vm,
                                    "cd /data/keep && stat -c '%n %u:%g:%a' home home/dev home/dev/git var/lib/foo etc/machine-id"))
                    .isEqualTo("home 0:0:755\nhome/dev 1000:1000:700\nhome/dev/git 1000:1000:750\nvar/lib/foo 0:0:755\n"
                            + "etc/machine-id 0:0:644");
        }
    }

    /** A guest of an earlier start may have put it there: the folders of a root caller would be made wherever it points. */
    @Test
    void nothingIsMadeThroughALinkInTheSharedFolder() throws IOException {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Files.createSymbolicLink(shared.resolve("var"), outside);
        try (VmHost host = VmHost.create()) {
            assertThatThrownBy(() -> host.start(dev()).close())
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining(shared.resolve("var") + " is to be a directory, and is a link")
                    .hasMessageContaining("mv " + shared.resolve("var"));
        }
        assertThat(outside).isEmptyDirectory();
        assertThat(shared.resolve("etc"))
                .as("nothing is made where anything is wrong")
                .doesNotExist();
    }

    @Test
    void aUserWhoIsNobodyInTheGuestIsNamed() {
        VmSpec spec = base().addVolumes(Volume.of(temp.resolve("data.img"))
                        .createdWith(64, FileSystem.EXT4)
                        .mountedAt("/data"))
                .addPersistence(Persistence.at("/data").directories("git").ofUser("nosuchuser"))
                .build();
        try (VmHost host = VmHost.create()) {
            assertThatThrownBy(() -> host.start(spec).close())
                    .isInstanceOf(VmStartException.class)
                    .hasMessageContaining("persistent directory /home/nosuchuser/git")
                    .hasMessageContaining("/etc/passwd has no user nosuchuser");
        }
    }
}
