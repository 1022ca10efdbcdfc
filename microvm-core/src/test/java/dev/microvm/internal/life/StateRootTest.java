/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateRootTest {
    @TempDir
    private Path folder;

    @Test
    void prefersWhatTheCallerNames() {
        assertThat(StateRoot.choose(Map.of("MICROVM_STATE", "/somewhere/else", "XDG_RUNTIME_DIR", "/run/user/1"), 1000)
                        .path())
                .isEqualTo(Path.of("/somewhere/else"));
    }

    @Test
    void takesTheRuntimeFolderOfAUser() {
        assertThat(StateRoot.choose(Map.of("XDG_RUNTIME_DIR", folder.toString()), 1000)
                        .path())
                .isEqualTo(folder.resolve("microvm"));
    }

    @Test
    void fallsBackToAFolderNamedAfterTheUser() {
        assertThat(StateRoot.choose(Map.of("XDG_RUNTIME_DIR", "/does/not/exist"), 1000)
                        .path()
                        .getFileName())
                .hasToString("microvm-1000");
    }

    @Test
    void sweepsOnlyFoldersWhoseOwnersAreGone() throws IOException {
        StateRoot root = new StateRoot(folder);
        String alive = ProcessIdentity.of(ProcessHandle.current().pid()).line();
        String gone = "999999999 1";
        String reused = ProcessHandle.current().pid() + " 1";
        Path orphan = owned("orphan", gone + "\n" + reused);
        Path lifelineLives = owned("detached", gone + "\n" + alive);
        Path used = owned("used", alive + "\n" + gone);
        Path foreign = Files.createDirectory(folder.resolve("foreign"));

        root.sweep();

        assertThat(orphan).doesNotExist();
        assertThat(lifelineLives).exists();
        assertThat(used).exists();
        assertThat(foreign).exists();
    }

    @Test
    void deletesATreeWithoutFollowingLinks() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "stays");
        Path tree = Files.createDirectories(folder.resolve("tree/below"));
        Files.createSymbolicLink(tree.resolve("link"), outside);

        StateRoot.deleteTree(folder.resolve("tree"));

        assertThat(folder.resolve("tree")).doesNotExist();
        assertThat(outside).hasContent("stays");
    }

    private Path owned(String name, String owner) throws IOException {
        Path vm = Files.createDirectory(folder.resolve(name));
        Files.writeString(vm.resolve(StateRoot.OWNER_FILE), owner + "\n");
        return vm;
    }
}
