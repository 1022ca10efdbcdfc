/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.internal.mount.GuestMount;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts in the real shells of this host, below a folder of the test. */
class MountPreparationTest {
    @TempDir
    private Path temp;

    private String script() throws IOException {
        int uid = (Integer) Files.getAttribute(temp, "unix:uid");
        int gid = (Integer) Files.getAttribute(temp, "unix:gid");
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("kept", temp).mountedAt(temp + "/kept"))
                .addPersistence(Persistence.builder()
                        .from(Persistence.at(temp + "/kept").directories("git"))
                        .user("dev")
                        .uid(uid)
                        .gid(gid)
                        .home(temp + "/home/dev")
                        .build())
                .build();
        Files.createDirectories(Path.of(temp + "/kept" + temp + "/home/dev/git"));
        return GuestMount.of(spec).stream()
                .filter(GuestMount.OfPersistence.class::isInstance)
                .map(MountPreparation::of)
                .findFirst()
                .orElseThrow();
    }

    /** systemd runs the services of two paths in one home side by side, and the slower one failed: "cannot make /home/dev". */
    @Test
    void twoServicesCanMakeOneHomeAtOnce() throws IOException, InterruptedException {
        // The other one is faster by a hair: it makes the folder when this one has looked already.
        String racing =
                "mkdir() { command mkdir \"$@\" 2>/dev/null; command mkdir \"$@\"; }\n" + script() + "\necho done";
        for (List<String> shell : Shells.all()) {
            assertThat(Shells.run(shell, racing, "")).as("%s", shell).endsWith("done\n");
            assertThat(temp.resolve("home/dev/git")).isEmptyDirectory();
            Files.delete(temp.resolve("home/dev/git"));
            Files.delete(temp.resolve("home/dev"));
        }
    }

    /** Such a user was told by his programs, late: his id is in the guest's /etc/passwd alone, and the share shows another one's. */
    @Test
    void aUserFromThePasswdWhoDoesNotOwnHisFolderOnTheShareIsTold() throws Exception {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("kept", temp).mountedAt(temp + "/kept"))
                .addPersistence(Persistence.builder()
                        .from(Persistence.at(temp + "/kept").directories("git"))
                        .user("dev")
                        .home("/home/dev")
                        .build())
                .build();
        String kept = temp + "/kept/home/dev";
        Path git = Files.createDirectories(Path.of(kept + "/git"));
        int uid = (Integer) Files.getAttribute(temp, "unix:uid");
        String script = GuestMount.of(spec).stream()
                .filter(GuestMount.OfPersistence.class::isInstance)
                .map(MountPreparation::of)
                .findFirst()
                .orElseThrow();
        for (List<String> shell : Shells.all()) {
            Files.setPosixFilePermissions(git, PosixFilePermissions.fromString("rwxr-xr-x"));
            assertThat(inGuest(shell, script, uid)).as("%s", shell).isEqualTo("done\n");
            assertThat(inGuest(shell, script, uid + 7))
                    .as("%s", shell)
                    .isEqualTo(kept + " belongs to the user " + uid + ", and dev is " + (uid + 7)
                            + " by the guest's /etc/passwd, and could not write there: say mappingUser(" + (uid + 7)
                            + ") on that share\n");
            Files.setPosixFilePermissions(git.getParent(), PosixFilePermissions.fromString("rwxrwx---"));
            assertThat(inGuest(shell, script, uid + 7)).as("%s", shell).startsWith(kept + "/git belongs to");
            Files.setPosixFilePermissions(git, PosixFilePermissions.fromString("rwx----w-"));
            assertThat(inGuest(shell, script, uid + 7)).as("%s", shell).isEqualTo("done\n");
            Files.setPosixFilePermissions(git.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** Nothing is made, and the passwd is the test's. */
    private String inGuest(List<String> shell, String script, int uid) throws IOException, InterruptedException {
        Path passwd = Files.writeString(temp.resolve("passwd"), "dev:x:" + uid + ":100::/:/bin/sh\n");
        String tame = "mkdir() { :; }\nchown() { :; }\n" + script.replace("</etc/passwd", "<" + passwd);
        return Shells.run(shell, tame + "echo done\n", "");
    }

    @Test
    void folderThatCannotBeMadeIsNamed() throws IOException, InterruptedException {
        String failing = "mkdir() { [ \"$1\" = -p ]; }\n" + script() + "\necho done";
        assertThat(Shells.run(List.of("/bin/sh"), failing, ""))
                .contains("cannot make " + temp + "/home/dev (")
                .doesNotContain("done");
    }
}
