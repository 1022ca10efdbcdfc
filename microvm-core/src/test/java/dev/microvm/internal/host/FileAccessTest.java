/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAccessTest {
    /** An id that owns nothing here and is in none of the groups. */
    private static final FileAccess STRANGER = new FileAccess(54_321, Set.of(54_321));

    @TempDir
    Path temp;

    private Path inner;

    @BeforeEach
    void folders() throws IOException {
        inner = Files.createDirectories(temp.resolve("outer/inner"));
        mode(temp, "rwxr-xr-x");
        mode(temp.resolve("outer"), "rwxr-xr-x");
        mode(inner, "rwxr-xr-x");
    }

    private static void mode(Path file, String text) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(text));
    }

    @Test
    void anOpenFolderHasNoObstacle() throws IOException {
        assertThat(STRANGER.obstacle(inner)).isEmpty();
    }

    @Test
    void namesTheFolderOnTheWayThatIsClosed() throws IOException {
        mode(temp.resolve("outer"), "rwx------");

        assertThat(STRANGER.obstacle(inner).orElseThrow())
                .startsWith(temp.resolve("outer") + " (mode 0700, owner ")
                .endsWith("does not let the user 54321 pass through it");
    }

    @Test
    void passingThroughNeedsNoRightToRead() throws IOException {
        mode(temp.resolve("outer"), "rwx--x--x");

        assertThat(STRANGER.obstacle(inner)).isEmpty();
        assertThat(STRANGER.obstacle(temp.resolve("outer")).orElseThrow()).endsWith("read it");
    }

    @Test
    void theOwnersBitsDecideForTheOwnerAndTheGroupsForItsMembers() throws IOException {
        int owner = (int) Files.getAttribute(inner, "unix:uid");
        int group = (int) Files.getAttribute(inner, "unix:gid");
        mode(inner, "---rwx---");

        assertThat(new FileAccess(54_321, Set.of(group)).obstacle(inner)).isEmpty();
        assertThat(STRANGER.obstacle(inner)).isPresent();
        if (owner != 0) {
            assertThat(new FileAccess(owner, Set.of(group)).obstacle(inner)).isPresent();
        }
    }

    @Test
    void rootMayEverything() throws IOException {
        mode(inner, "---------");

        assertThat(new FileAccess(0, Set.of()).obstacle(inner)).isEmpty();
    }

    @Test
    void aUsersGroupsComeFromBothFiles() throws IOException {
        Path passwd = Files.writeString(temp.resolve("passwd"), "root:x:0:0::/:\nvm:x:7:8:a:/home/vm:/bin/sh\n");
        Path group = Files.writeString(temp.resolve("group"), "vm:x:8:\nkvm:x:9:other,vm\ndisk:x:10:other\nbroken\n");

        assertThat(FileAccess.ofUser(7, passwd, group)).isEqualTo(new FileAccess(7, Set.of(8, 9)));
        assertThat(FileAccess.ofUser(6, passwd, group).gids()).isEmpty();
    }
}
