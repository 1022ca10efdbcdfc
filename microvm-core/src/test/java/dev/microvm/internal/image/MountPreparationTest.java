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

    @Test
    void folderThatCannotBeMadeIsNamed() throws IOException, InterruptedException {
        String failing = "mkdir() { [ \"$1\" = -p ]; }\n" + script() + "\necho done";
        assertThat(Shells.run(List.of("/bin/sh"), failing, ""))
                .contains("cannot make " + temp + "/home/dev (")
                .doesNotContain("done");
    }
}
