/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.error.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job as a program of its own, by the user who runs the tests and, where that is root, by an unprivileged one too. */
class MainJobIT {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    @TempDir
    private static Path folder;

    private static Path work;
    private static Path states;
    private static String asCaller = "";
    private static Map<String, String> hostBefore = Map.of();
    private static Map<String, String> hostAfter = Map.of();
    private static List<Long> processesMeanwhile = List.of();

    @BeforeAll
    static void runOnce() throws Exception {
        Requirements.canBootHostRoot();
        Requirements.need(new NixPresence().isThere(), "nix-store is there");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        work = newWorkFolder("work");
        states = folder.resolve("states");
        try (ChildJvm job = ChildJvm.start(
                Map.of("MICROVM_STATE", states.toString()),
                List.of(),
                ChildJvm.classPath(),
                DevVm.class,
                "--work",
                work.toString())) {
            job.awaitLine("       PREFLIGHT", LIMIT); // the store is filled, the guest is not there yet
            hostBefore = FolderPrint.of(hostNix(work));
            job.awaitLine("       READY", LIMIT);
            processesMeanwhile = HostProcesses.naming(states);
            int code = job.awaitExit(LIMIT);
            asCaller = job.output();
            assertThat(code).as(asCaller).isZero();
        }
        hostAfter = FolderPrint.of(hostNix(work));
    }

    private static Path newWorkFolder(String name) throws IOException {
        Path made = Files.createDirectory(folder.resolve(name));
        return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** Store and database. */
    private static Path hostNix(Path workFolder) {
        return workFolder.resolve("nix-root/nix");
    }

    private static String run(List<String> prefix, String... arguments) throws Exception {
        try (ChildJvm job = ChildJvm.start(prefix, DevVm.class, arguments)) {
            int code = job.awaitExit(LIMIT);
            String output = job.output();
            assertThat(code).as(output).isZero();
            assertThat(output).contains("facts hold").doesNotContain("[FAIL]");
            return output;
        }
    }

    @Test
    void hostPathIsInvalidBeforeTheLoadAndValidAfterIt() {
        assertThat(asCaller)
                .contains("[ ok ] before the load, the guest has no store database")
                .contains("[ ok ] before the load, nix-store --check-validity of a host path fails")
                .contains("[ ok ] after the load, nix-store --check-validity of that path passes")
                .contains("[ ok ] references agree with the host's");
    }

    /** Seen by the test, whatever the program says. */
    @Test
    void hostsStoreAndDatabaseAreUntouched() {
        assertThat(hostBefore.keySet())
                .anyMatch(name -> name.endsWith("-microvm-letter"))
                .contains("var/nix/db/db.sqlite");
        assertThat(hostAfter).isEqualTo(hostBefore);
        assertThat(asCaller)
                .contains("[ ok ] a path added in the guest is valid there")
                .contains("[ ok ] the path added in the guest is not in the host's store");
    }

    /** Seen by the test, whatever the program says. */
    @Test
    void persistentFolderHoldsWhatTheGuestWroteAndBelongsToTheCaller() throws IOException {
        Path note = work.resolve("persistent/note");
        assertThat(note).hasContent("written in the guest\n");
        assertThat(Files.getAttribute(note, "unix:uid"))
                .isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        assertThat(asCaller).contains("[ ok ] it belongs to the caller");
    }

    /** Seen by the test, whatever the program says. */
    @Test
    void noProcessSocketOrStateFolderIsLeft() {
        assertThat(processesMeanwhile).as("lifeline, keepers, virtiofsd, QEMU").hasSizeGreaterThanOrEqualTo(4);
        assertThat(HostProcesses.describe(HostProcesses.naming(states))).isEmpty();
        assertThat(HostProcesses.describe(HostProcesses.naming(work))).isEmpty();
        assertThat(states).isEmptyDirectory();
    }

    @Test
    void guestAnswersThroughTheForwardAndShutsItselfDown() {
        assertThat(asCaller)
                .contains("[ ok ] the guest answers on host port")
                .contains("the VM was ended by: guest command");
    }

    @Test
    void showsEachPhaseWithItsTime() {
        List<String> phases = Stream.of(Phase.values())
                .filter(phase -> phase.compareTo(Phase.READY) <= 0)
                .map(Phase::name)
                .toList();
        assertThat(phases).hasSize(9);
        assertThat(asCaller.lines())
                .filteredOn(line -> line.matches(" +[A-Z]+ +\\d+ ms"))
                .extracting(line -> line.strip().split(" ", 2)[0])
                .isEqualTo(phases);
    }

    /** Each fact is made false from outside while the VM runs: its shell waits for commands meanwhile. */
    @Test
    void factsThatDoNotHoldAreNamedAndMakeTheProgramFail() throws Exception {
        Path tampered = newWorkFolder("tampered");
        try (ChildJvm job = ChildJvm.start(List.of(), DevVm.class, "--9p", "--shell", "--work", tampered.toString())) {
            job.awaitLine("       no terminal:", LIMIT);
            Files.delete(tampered.resolve("persistent/note"));
            try (Stream<Path> paths = Files.list(hostNix(tampered).resolve("store"))) {
                overwriteOneByte(paths.filter(path -> path.toString().endsWith("-microvm-letter"))
                        .findFirst()
                        .orElseThrow());
            }
            overwriteOneByte(hostNix(tampered).resolve("var/nix/db/reserved"));
            job.endInput();
            int code = job.awaitExit(LIMIT);

            String output = job.output();
            assertThat(code).as(output).isEqualTo(1);
            assertThat(output.lines().filter(line -> line.startsWith("[FAIL]")).collect(Collectors.joining("\n")))
                    .matches(Pattern.compile(
                            "\\Q[FAIL] on the host the persistent folder holds what the guest wrote (\\E.*\n"
                                    + "\\Q[FAIL] the two paths in it are untouched, in names, modes and bytes (\\E.*\n"
                                    + "\\Q[FAIL] the host's database is untouched, byte by byte (\\E.*"));
            assertThat(output).containsPattern("\n3 of \\d+ facts do not hold: ");
        }
    }

    /** Leaves size and time as they are. */
    private static void overwriteOneByte(Path file) throws IOException {
        FileTime time = Files.getLastModifiedTime(file);
        var mode = Files.getPosixFilePermissions(file);
        Files.setPosixFilePermissions(
                file, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        byte[] content = Files.readAllBytes(file);
        content[0] ^= 1;
        Files.write(file, content);
        Files.setPosixFilePermissions(file, mode);
        Files.setLastModifiedTime(file, time);
    }

    /** A fake virtiofsd that can only tell its version; the shell gets its commands from a pipe. */
    @Test
    void worksBy9pWhereVirtiofsdIsTooOldAndGivesAShellWithoutATerminal() throws Exception {
        Path old = VirtiofsFallbackIT.virtiofsd(folder, "virtiofsd 1.10.0");
        String output = run(
                List.of(
                        "env",
                        "MICROVM_VIRTIOFSD=" + old,
                        "sh",
                        "-c",
                        "echo 'echo from the guest: $((6 * 7))' | exec \"$@\"",
                        "sh"),
                "--shell");

        assertThat(output)
                .contains("share \"persistent\" is by 9p", "virtiofsd 1.10.0 at " + old)
                .contains("[ ok ] on the host the persistent folder holds what the guest wrote")
                .contains("[ ok ] it belongs to the caller")
                .contains("from the guest: 42");
    }

    @Test
    void worksAsAnUnprivilegedUserWhereTheTestsRunAsRoot() throws Exception {
        assumeTrue(Requirements.isRoot(), "an unprivileged caller is what asCaller has proved");
        UnprivilegedCaller nobody = UnprivilegedCaller.in(folder);
        String output;
        try (ChildJvm job = ChildJvm.startWithClassPath(nobody.prefix(), nobody.classPath(), DevVm.class)) {
            int code = job.awaitExit(LIMIT);
            output = job.output();
            assertThat(code).as(output).isZero();
        }
        assertThat(output).contains("[ ok ] it belongs to the caller").contains("facts hold");
    }
}
