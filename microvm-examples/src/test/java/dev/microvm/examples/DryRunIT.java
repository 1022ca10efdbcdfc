/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.Preflight;
import dev.microvm.QemuArgument;
import dev.microvm.VmHost;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dry run says is what a start then does. */
class DryRunIT {
    @TempDir
    private Path folder;

    private Map<String, String> environment = Map.of();

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    /** An empty cache: nothing is known of the host, no kernel is unpacked, no initramfs is there. */
    @BeforeEach
    void startFromNothing() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        environment = new HashMap<>(System.getenv());
        environment.putAll(Unpacked.variables());
        environment.put("MICROVM_CACHE", folder.resolve("cache").toString());
        environment.put("MICROVM_STATE", folder.resolve("states").toString());
    }

    private VmSpec spec() throws IOException {
        Path shared = Files.createDirectories(folder.resolve("shared"));
        return VmSpec.builder()
                .name("dry")
                .vcpus(2)
                .memoryMib(256)
                .boot(BootSource.hostRoot())
                .addShares(
                        VirtiofsShare.of("live", shared).mountedAt("/live"),
                        NinePShare.of("plain", shared).mountedAt("/plain").asReadOnly())
                .addForwards(PortForward.hostToGuest(0, 22), PortForward.guestToHost(5432, 5432))
                .addKernelParameters("quiet")
                .build();
    }

    @Test
    void startRunsTheCommandLineOfTheDryRun() throws IOException {
        Preflight dryRun;
        try (VmHost host = VmHost.builder().environment(environment).build()) {
            dryRun = host.preflight(spec(), named("same"));
            assertThat(withoutFolder(host.preflight(spec()).commandLine()))
                    .as("without a name only the state folder differs")
                    .isEqualTo(withoutFolder(dryRun.commandLine()));
            assertThat(folder.resolve("states")).as("nothing was started").doesNotExist();
        }
        try (VmHost host = VmHost.builder().environment(environment).build();
                MicroVm vm = host.start(spec(), named("same"))) {
            assertThat(dryRun.problems()).isEmpty();
            assertThat(vm.commandLine()).isNotEmpty().isEqualTo(dryRun.commandLine());
            assertThat(argumentsOf(vm.pid()))
                    .as("what the kernel says of the process")
                    .isEqualTo(dryRun.commandLine().stream()
                            .map(QemuArgument::text)
                            .toList());
        }
    }

    /** A root caller's QEMU cannot read what lies in root's private folders, and gets copies; the dry run once did not say so. */
    @Test
    void dryRunTellsOfBootFilesThatAStartCopiesForAnUnprivilegedQemu() throws IOException {
        assumeTrue(Requirements.isRoot(), "only root's QEMU is another user");
        Path secret = Files.createDirectory(folder.resolve("secret"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rwx------"));
        environment.put("MICROVM_CACHE", secret.resolve("cache").toString());
        try (VmHost host = VmHost.builder().environment(environment).build()) {
            Preflight dryRun = host.preflight(spec(), named("copies"));
            try (MicroVm vm = host.start(spec(), named("copies"))) {
                assertThat(vm.commandLine())
                        .isEqualTo(dryRun.commandLine())
                        .extracting(QemuArgument::text)
                        .contains(folder.resolve("states/copies/kernel").toString());
            }
        }
    }

    private static LaunchOptions named(String id) {
        return LaunchOptions.builder().id(id).build();
    }

    private List<String> withoutFolder(List<QemuArgument> arguments) {
        String folders = "\\Q" + folder.resolve("states") + "\\E/(same|[0-9a-f]{8})/";
        return arguments.stream()
                .map(argument -> argument.text().replaceAll(folders, "STATE/"))
                .toList();
    }

    private static List<String> argumentsOf(long pid) {
        List<String> words = List.of(
                HostProcesses.commandLine(Path.of("/proc", Long.toString(pid))).split("\0", -1));
        return words.subList(1, words.size() - 1);
    }
}
