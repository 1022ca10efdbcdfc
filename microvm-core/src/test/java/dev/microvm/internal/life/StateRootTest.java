/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.error.Problem;
import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateRootTest {
    private static final String GONE = "999999999 1";

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
        String reused = ProcessHandle.current().pid() + " 1";
        Path orphan = owned("orphan", GONE + "\n" + reused);
        Path lifelineLives = owned("detached", GONE + "\n" + alive);
        Path used = owned("used", alive + "\n" + GONE);
        Path foreign = Files.createDirectory(folder.resolve("foreign"));

        root.sweep();

        assertThat(orphan).doesNotExist();
        assertThat(lifelineLives).exists();
        assertThat(used).exists();
        assertThat(foreign).exists();
    }

    @Test
    void leavesTheFolderOfAVmThatIsJustStarting() throws IOException {
        Path empty = started("empty");
        Files.createFile(empty.resolve(StateRoot.OWNER_FILE));
        Path half = started("half");
        Files.writeString(half.resolve(StateRoot.OWNER_FILE), GONE);
        Path ownerless = started("ownerless");
        Path justMade = Files.createDirectory(folder.resolve("0123abcd"));

        new StateRoot(folder).sweep();

        assertThat(List.of(empty, half, ownerless, justMade)).allMatch(Files::exists);
    }

    @Test
    void sweepsByAgeWhatNamesNoOwner() throws IOException {
        Path empty = started("empty");
        age(Files.createFile(empty.resolve(StateRoot.OWNER_FILE)), Duration.ofHours(2));
        Path ownerless = age(started("ownerless"), Duration.ofHours(25));
        Path younger = age(started("younger"), Duration.ofHours(23));
        Path justMade = age(Files.createDirectory(folder.resolve("0123abcd")), Duration.ofHours(25));
        Path foreign = Files.createDirectory(folder.resolve("photos"));
        Files.createFile(foreign.resolve("cat.jpg"));
        age(foreign, Duration.ofDays(100));
        Path foreignOwner = Files.createDirectory(folder.resolve("dog"));
        age(Files.writeString(foreignOwner.resolve("owner"), "Bob\n"), Duration.ofDays(100));

        new StateRoot(folder).sweep();

        assertThat(List.of(empty, ownerless, justMade)).noneMatch(Files::exists);
        assertThat(List.of(younger, foreign, foreignOwner)).allMatch(Files::exists);
    }

    @Test
    void namesTheOwnersInOneStep() throws IOException {
        Path vm = started("vm");
        long self = ProcessHandle.current().pid();

        StateRoot.writeOwner(vm, self, 999_999_999);

        assertThat(Files.readAllLines(vm.resolve(StateRoot.OWNER_FILE)))
                .containsExactly(ProcessIdentity.of(self).line(), "999999999 -1");
        assertThat(vm).isDirectoryNotContaining("glob:**.part");
        new StateRoot(folder).sweep();
        assertThat(vm).exists();
    }

    @Test
    void neverSweepsWhatIsKept() throws IOException {
        Path kept = owned("kept", GONE + "\n" + GONE);
        StateRoot.markKept(kept);
        StateRoot.markKept(kept);
        Path old = age(started("old"), Duration.ofDays(100));
        StateRoot.markKept(old);
        age(old, Duration.ofDays(100));

        new StateRoot(folder).sweep();

        assertThat(List.of(kept, old)).allMatch(Files::exists);
    }

    @Test
    void sweepsOnPastAFolderItCannotRead() throws IOException {
        Path garbage = started("garbage");
        Files.write(garbage.resolve(StateRoot.OWNER_FILE), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        Path locked = owned("locked", GONE + "\n" + GONE);
        Files.setPosixFilePermissions(
                locked.resolve(StateRoot.OWNER_FILE), PosixFilePermissions.fromString("---------"));
        Path orphan = owned("orphan", GONE + "\n" + GONE);

        new StateRoot(folder).sweep();

        assertThat(garbage).exists();
        assertThat(orphan).doesNotExist();
    }

    @Test
    void letsQemusUserPassWhateverTheUmask() throws Exception {
        assumeTrue(uid() == 0, "only root has QEMU run as another user");
        Path root = folder.resolve("a/b/root");
        ProcessExit exit = HostProcess.run(
                List.of(
                        "sh",
                        "-c",
                        "umask 077; exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        String.join(
                                ":",
                                System.getProperty("basedir", ".") + "/target/test-classes",
                                System.getProperty("basedir", ".") + "/target/classes",
                                System.getProperty("java.class.path", ""),
                                System.getProperty("jdk.module.path", "")),
                        StateRootTest.class.getName(),
                        root.toString()),
                Map.of(),
                Duration.ofSeconds(30));

        assertThat(exit.succeeded()).as(exit.describe()).isTrue();
        assertThat(mode(root)).isEqualTo("rwx--x--x");
        assertThat(mode(root.getParent())).isEqualTo("rwxr-xr-x");
        assertThat(mode(root.getParent().getParent())).isEqualTo("rwxr-xr-x");
    }

    /** Creates a state root; for a process with another umask. */
    public static void main(String[] arguments) {
        new StateRoot(Path.of(arguments[0])).create(0);
    }

    @Test
    void saysWhichFolderDoesNotLetQemusUserPass() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path closed = Files.createDirectory(
                folder.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        OptionalInt stranger = OptionalInt.of(54_321);

        for (StateRoot root : List.of(new StateRoot(closed), new StateRoot(closed.resolve("below/root")))) {
            Problem problem = root.problem(uid(), stranger).orElseThrow();
            assertThat(problem.detail())
                    .startsWith(closed + " (mode 0700")
                    .contains("does not let the user 54321 pass through it");
            assertThat(problem.cure()).contains("chmod o+x", "MICROVM_STATE");
            assertThat(root.problem(uid(), OptionalInt.empty())).isEmpty();
        }
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx--x--x"));
        assertThat(new StateRoot(closed).problem(uid(), stranger)).isEmpty();
        assertThat(new StateRoot(closed).problem(54_321, stranger).orElseThrow().detail())
                .contains("not to 54321");
    }

    private int uid() throws IOException {
        return (Integer) Files.getAttribute(folder, "unix:uid");
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    /** {@return a folder as a lifeline makes it, without an owner} */
    private Path started(String name) throws IOException {
        Path vm = Files.createDirectory(folder.resolve(name));
        Files.createFile(vm.resolve(StateFolder.SCRIPT));
        return vm;
    }

    private static Path age(Path file, Duration age) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private Path owned(String name, String owner) throws IOException {
        Path vm = Files.createDirectory(folder.resolve(name));
        Files.writeString(vm.resolve(StateRoot.OWNER_FILE), owner + "\n");
        return vm;
    }
}
