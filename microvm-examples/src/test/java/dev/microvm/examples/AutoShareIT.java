/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.Preflight;
import dev.microvm.VmHost;
import dev.microvm.VmListener;
import dev.microvm.error.Phase;
import dev.microvm.error.PreflightException;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code Share.auto} on this host, and on the same host without what virtiofs needs. */
class AutoShareIT {
    @TempDir
    private Path folder;

    private Path shared;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @BeforeEach
    void makeFolder() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static VmSpec spec(Share share) {
        return VmSpec.builder()
                .name("auto")
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(share)
                .build();
    }

    private static VmHost host(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putAll(more);
        return VmHost.builder().environment(environment).build();
    }

    @Test
    void isVirtiofsHereAndDryRunStartListenerAndHandleSayTheSame() {
        VmSpec spec = spec(Share.auto("shared", shared).mountedAt("/mnt/shared"));
        List<String> notes = new ArrayList<>();
        LaunchOptions options = LaunchOptions.builder()
                .listener(new VmListener() {
                    @Override
                    public void note(Phase phase, String text) {
                        if (phase == Phase.PREFLIGHT) {
                            notes.add(text);
                        }
                    }
                })
                .build();
        try (VmHost host = VmHost.create()) {
            Preflight dryRun = host.preflight(spec);
            assertThat(dryRun.spec().shares())
                    .containsExactly(VirtiofsShare.of("shared", shared).mountedAt("/mnt/shared"));
            assertThat(dryRun.commandLine())
                    .extracting(argument -> argument.text())
                    .anyMatch(word -> word.startsWith("vhost-user-fs-"))
                    .anyMatch(word -> word.startsWith("memory-backend-memfd"));
            try (MicroVm vm = host.start(spec, options)) {
                assertThat(vm.shell()
                                .sh("echo here >/mnt/shared/file && grep ' /mnt/shared ' /proc/self/mounts")
                                .orFail()
                                .stdout())
                        .startsWith("shared /mnt/shared virtiofs ");
                assertThat(vm.choices())
                        .isEqualTo(dryRun.choices())
                        .isEqualTo(notes)
                        .anyMatch(choice -> choice.startsWith("share \"shared\" is by virtiofs: virtiofsd "));
                assertThat(vm.spec()).as("what was declared").isEqualTo(spec);
            }
        }
        assertThat(shared.resolve("file")).hasContent("here\n");
    }

    @Test
    void isBy9pInARealGuestWhereTheModuleIsNotOnTheClassPath() throws Exception {
        String classPath = Stream.of(ChildJvm.classPath().split(File.pathSeparator, -1))
                .filter(entry -> !entry.contains("microvm-virtiofs"))
                .collect(Collectors.joining(File.pathSeparator));

        String output = ShareCaller.SELF.runWithClassPath(
                folder.resolve("run"),
                Map.of(),
                "grep ' /mnt/shared ' /proc/self/mounts; echo here >/mnt/shared/file",
                classPath,
                "auto,shared," + shared + ",/mnt/shared,rw,0");

        assertThat(output)
                .contains("CHOICE share \"shared\" is by 9p (security model none)", "dev.microvm:microvm-virtiofs")
                .contains("\nshared /mnt/shared 9p ");
        assertThat(shared.resolve("file")).hasContent("here\n");
    }

    @Test
    void isBy9pWhereTheKernelHasNoVirtiofs() throws Exception {
        try (VmHost host = host(kernelWithoutVirtiofs())) {
            Preflight preflight = host.preflight(spec(Share.auto("shared", shared)));

            assertThat(preflight.problems()).isEmpty();
            assertThat(preflight.spec().shares()).singleElement().isInstanceOf(NinePShare.class);
            assertThat(preflight.choices())
                    .anyMatch(choice ->
                            choice.contains("is by 9p") && choice.contains("the kernels here are without virtiofs"));
            assertThat(host.preflight(spec(VirtiofsShare.of("shared", shared))).problems())
                    .as("a kind that is named is never another")
                    .anyMatch(problem -> problem.detail().contains("virtiofs"));
        }
    }

    @Test
    void kindThatIsNamedFailsInsteadOfBecomingTheOther() {
        try (VmHost host =
                host(Map.of("MICROVM_VIRTIOFSD", folder.resolve("missing").toString()))) {
            assertThat(host.preflight(spec(Share.auto("shared", shared))).problems())
                    .isEmpty();
            assertThatThrownBy(() -> host.start(spec(VirtiofsShare.of("shared", shared))))
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining(folder.resolve("missing") + " is not an executable file");
        }
    }

    /** Where QEMU is another user than root its caller, 9p cannot write what only root can; the folder is what is wrong then. */
    @Test
    void folderThat9pCannotWriteIsAProblemNotASilentChoice() throws Exception {
        assumeTrue(Requirements.isRoot(), "only root's QEMU is another user");
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwx------"));
        try (VmHost host =
                host(Map.of("MICROVM_VIRTIOFSD", folder.resolve("missing").toString()))) {
            assertThat(host.preflight(spec(Share.auto("shared", shared))).problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.subject()).isEqualTo("shares[tag=shared].source"));
            assertThat(host.preflight(
                                    spec(Share.auto("shared", shared)),
                                    LaunchOptions.builder()
                                            .qemuUser(LaunchOptions.QemuUser.CALLER)
                                            .build())
                            .problems())
                    .isEmpty();
        }
    }

    /** The kernel of this host with everything but virtiofs; found by what a dry run says of it. */
    private Map<String, String> kernelWithoutVirtiofs() throws IOException {
        Matcher kernel;
        try (VmHost host = VmHost.create()) {
            kernel = host.preflight(spec(NinePShare.of("shared", shared))).choices().stream()
                    .map(Pattern.compile("kernel (\\S+) at (.+)")::matcher)
                    .filter(Matcher::matches)
                    .findFirst()
                    .orElseThrow();
        }
        Path image = Path.of(kernel.group(2));
        Path root = image.resolve("../..").normalize();
        Path real = Stream.of(
                        root.resolve("lib/modules").resolve(kernel.group(1)),
                        Path.of("/lib/modules", kernel.group(1)),
                        image.resolveSibling("."))
                .filter(place -> Files.exists(place.resolve("modules.dep")))
                .findFirst()
                .orElseThrow();
        Path modules = Files.createDirectory(folder.resolve("modules"));
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(real)) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().equals("modules.dep")) {
                    Files.createSymbolicLink(modules.resolve(entry.getFileName()), entry);
                }
            }
        }
        List<String> kept = Files.readAllLines(real.resolve("modules.dep")).stream()
                .filter(line -> !line.startsWith("kernel/fs/fuse/virtiofs.ko"))
                .toList();
        Files.write(modules.resolve("modules.dep"), kept);
        return Map.of("MICROVM_KERNEL", image.toString(), "MICROVM_MODULES", modules.toString());
    }
}
