/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.VmHost;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job as a program of its own, by the user who runs the tests and, where that is root, by an unprivileged one too. */
class MainJobIT {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final String NOBODY = "65534";

    @TempDir
    private static Path folder;

    private static String asCaller = "";

    @BeforeAll
    static void runOnce() throws Exception {
        Requirements.canBootHostRoot();
        Requirements.need(new NixPresence().isThere(), "nix-store is there");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        asCaller = run(List.of());
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
                .contains("[ ok ] before the load, nix-store --check-validity of a host path fails")
                .contains("[ ok ] after the load, nix-store --check-validity of that path passes")
                .contains("[ ok ] references agree with the host's");
    }

    @Test
    void whatTheGuestAddsStaysInItsOverlay() {
        assertThat(asCaller)
                .contains("[ ok ] a path added in the guest is valid there")
                .contains("[ ok ] the path added in the guest is not in the host's store")
                .contains("[ ok ] the host's database is untouched, byte by byte");
    }

    @Test
    void persistentFolderBelongsToTheCaller() {
        assertThat(asCaller)
                .contains("[ ok ] on the host the persistent folder holds what the guest wrote")
                .contains("[ ok ] it belongs to the caller");
    }

    @Test
    void guestAnswersThroughTheForwardAndShutsItselfDown() {
        assertThat(asCaller)
                .contains("[ ok ] the guest answers on host port")
                .contains("the VM was ended by: guest command")
                .contains("[ ok ] no process is left");
    }

    @Test
    void showsEachPhaseWithItsTime() {
        assertThat(asCaller)
                .containsPattern("PREFLIGHT +\\d+ ms")
                .containsPattern("AGENT +\\d+ ms")
                .containsPattern("MOUNTS +\\d+ ms");
    }

    @Test
    void worksBy9pToo() throws Exception {
        assertThat(run(List.of(), "--9p")).contains("[ ok ] it belongs to the caller");
    }

    @Test
    void shellReadsCommandsFromStandardInputWithoutATerminal() throws Exception {
        assertThat(run(
                        List.of("sh", "-c", "echo 'echo from the guest: $((6 * 7))' | exec \"$@\"", "sh"),
                        "--9p",
                        "--shell"))
                .contains("from the guest: 42");
    }

    @Test
    void worksAsAnUnprivilegedUserWhereTheTestsRunAsRoot() throws Exception {
        assumeTrue(Requirements.isRoot(), "an unprivileged caller is what asCaller has proved");
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> prefix = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "env",
                "-i",
                "PATH=" + System.getenv("PATH"),
                "HOME=" + home,
                "MICROVM_CACHE=" + home.resolve("cache")));
        prefix.addAll(unpackedByRoot());
        String output;
        try (ChildJvm job = ChildJvm.startWithClassPath(prefix, readableClassPath(), DevVm.class)) {
            int code = job.awaitExit(LIMIT);
            output = job.output();
            assertThat(code).as(output).isZero();
        }
        assertThat(output).contains("[ ok ] it belongs to the caller").contains("facts hold");
    }

    /** What root has unpacked into its cache serves others too, if they are told. */
    private static List<String> unpackedByRoot() throws IOException {
        List<String> variables = new ArrayList<>();
        try (VmHost host = VmHost.create()) {
            Path virtiofsd = host.cacheFolder().resolve("bin/virtiofsd");
            if (Files.exists(virtiofsd)) {
                variables.add("MICROVM_VIRTIOFSD=" + virtiofsd);
            }
            Path kernels = host.cacheFolder().resolve("kernels");
            if (Files.isDirectory(kernels)) {
                try (Stream<Path> found = Files.list(kernels)) {
                    found.findFirst().ifPresent(kernel -> variables.add("MICROVM_KERNEL_ROOT=" + kernel));
                }
            }
        }
        return variables;
    }

    /** The checkout and the local repository may lie in folders that only root can enter. */
    private static String readableClassPath() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("classes"));
        List<String> places = new ArrayList<>();
        int number = 0;
        for (String entry : ChildJvm.classPath().split(File.pathSeparator, -1)) {
            Path source = Path.of(entry);
            Path target = copy.resolve(number++ + "-" + source.getFileName());
            if (Files.exists(source)) {
                copyTree(source, target);
                places.add(target.toString());
            }
        }
        return String.join(File.pathSeparator, places);
    }

    private static void copyTree(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path to = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
    }
}
