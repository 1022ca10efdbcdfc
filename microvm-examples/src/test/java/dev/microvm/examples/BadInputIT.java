/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.microvm.SpecJson;
import dev.microvm.VmHost;
import dev.microvm.error.PreflightException;
import dev.microvm.error.Problem;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Protocol;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of bad input is a clear error before QEMU starts, with its cure, and leaves nothing behind. */
class BadInputIT {
    @TempDir
    private Path folder;

    private Path states;

    @BeforeAll
    static void needsQemu() {
        Requirements.canBootHostRoot();
    }

    @BeforeEach
    void makeFolders() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        states = folder.resolve("states");
        Files.createDirectory(folder.resolve("data"));
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        if (Files.exists(states)) {
            try (Stream<Path> left = Files.list(states)) {
                assertThat(left).isEmpty();
            }
        }
        assertThat(HostProcesses.describe(HostProcesses.naming(states))).isEmpty();
    }

    private static VmSpec.Builder spec() {
        return VmSpec.builder().memoryMib(256).boot(BootSource.hostRoot());
    }

    private List<Problem> problemsOf(VmSpec spec, Map<String, String> overrides) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("MICROVM_STATE", states.toString());
        environment.putAll(overrides);
        try (VmHost host = VmHost.builder().environment(environment).build()) {
            PreflightException failure = catchThrowableOfType(
                    PreflightException.class, () -> host.start(spec).close());
            assertThat(failure).as("the start is refused").isNotNull();
            assertThat(failure.problems()).allSatisfy(problem -> {
                assertThat(problem.detail()).isNotBlank();
                assertThat(problem.cure()).isNotBlank();
                assertThat(failure.getMessage()).contains(problem.detail());
            });
            return failure.problems();
        }
    }

    private void refuses(VmSpec spec, String subject, String... words) {
        refuses(spec, Map.of(), subject, words);
    }

    private void refuses(VmSpec spec, Map<String, String> overrides, String subject, String... words) {
        assertThat(problemsOf(spec, overrides)).anySatisfy(problem -> {
            assertThat(problem.toString()).contains(subject);
            for (String word : words) {
                assertThat(problem.toString()).contains(word);
            }
        });
    }

    @Test
    void missingKernel() {
        refuses(
                spec().boot(HostRoot.builder()
                                .kernel(folder.resolve("vmlinuz-none"))
                                .build())
                        .build(),
                "kernel",
                "vmlinuz-none");
    }

    @Test
    void kernelWithout9p() throws IOException {
        Path boot = Files.createDirectories(folder.resolve("root/boot"));
        Path modules = Files.createDirectories(folder.resolve("root/lib/modules/6.1.0-cloud"));
        byte[] image = new byte[0x1000];
        image[0x1fe] = 0x55;
        image[0x1ff] = (byte) 0xaa;
        System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, image, 0x202, 4);
        Files.write(boot.resolve("vmlinuz-6.1.0-cloud"), image);
        Files.writeString(modules.resolve("modules.dep"), "kernel/fs/overlayfs/overlay.ko:\n");
        Files.writeString(modules.resolve("modules.builtin"), "");
        refuses(
                spec().boot(HostRoot.builder()
                                .kernel(boot.resolve("vmlinuz-6.1.0-cloud"))
                                .build())
                        .build(),
                "kernel",
                "9p");
    }

    @Test
    void shareSourceThatIsMissingOrAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        refuses(
                spec().addShares(NinePShare.of("gone", folder.resolve("gone"))).build(),
                "shares[tag=gone].source",
                "gone");
        refuses(spec().addShares(VirtiofsShare.of("file", file)).build(), "shares[tag=file].source", "not a folder");
    }

    @Test
    void tellsAllProblemsAtOnce() {
        VmSpec spec = spec().memoryMib(1 << 24)
                .addShares(NinePShare.of("a", folder.resolve("gone")), NinePShare.of("a", folder.resolve("gone too")))
                .build();
        assertThat(problemsOf(spec, Map.of("MICROVM_QEMU", "/nowhere/qemu"))).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void duplicateTagsAndMountPoints() {
        Path data = folder.resolve("data");
        refuses(
                spec().addShares(
                                NinePShare.of("same", data).mountedAt("/a"),
                                NinePShare.of("same", data).mountedAt("/b"))
                        .build(),
                "same",
                "tag");
        refuses(
                spec().addShares(
                                NinePShare.of("a", data).mountedAt("/mnt"),
                                NinePShare.of("b", data).mountedAt("/mnt"))
                        .build(),
                "/mnt");
    }

    @Test
    void nestedMountPointThatCanBeNeitherFoundNorMade() {
        refuses(
                spec().addShares(
                                NinePShare.of("outer", folder.resolve("data"))
                                        .mountedAt("/outer")
                                        .asReadOnly(),
                                NinePShare.of("inner", folder.resolve("data")).mountedAt("/outer/missing/inner"))
                        .build(),
                "inner",
                "/outer/missing/inner");
    }

    @Test
    void tooManyMmioDevices() {
        VmSpec.Builder spec = spec();
        IntStream.range(0, 25).forEach(i -> spec.addShares(NinePShare.of("tag" + i, folder.resolve("data"))));
        refuses(spec.build(), "24");
    }

    @Test
    void portInUseAndPortTwice() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            refuses(
                    spec().addForwards(PortForward.hostToGuest(taken.getLocalPort(), 22))
                            .build(),
                    Integer.toString(taken.getLocalPort()),
                    "in use");
        }
        refuses(
                spec().addForwards(PortForward.hostToGuest(40_123, 22), PortForward.hostToGuest(40_123, 23))
                        .build(),
                "40123");
    }

    @Test
    void moreMemoryThanTheHostHas() {
        refuses(spec().memoryMib(1 << 24).build(), "memoryMib", "the host has");
    }

    @Test
    void socketPathTooLong() {
        refuses(
                spec().build(),
                Map.of("MICROVM_STATE", folder.resolve("x".repeat(100)).toString()),
                "106");
    }

    @Test
    void qemuMissing() {
        refuses(spec().build(), Map.of("MICROVM_QEMU", "/nowhere/qemu"), "/nowhere/qemu");
        refuses(
                spec().build(),
                Map.of("PATH", folder.toString(), "MICROVM_QEMU", ""),
                "qemu-system-x86_64",
                "qemu-system-x86");
    }

    @Test
    void virtiofsdMissing() {
        refuses(
                spec().addShares(VirtiofsShare.of("v", folder.resolve("data"))).build(),
                Map.of("MICROVM_VIRTIOFSD", "/nowhere/virtiofsd"),
                "virtiofsd",
                "/nowhere/virtiofsd");
    }

    @Test
    void virtiofsOptionsThatContradictEachOther() {
        VirtiofsShare share = VirtiofsShare.builder()
                .tag("acl")
                .source(folder.resolve("data"))
                .posixAcl(true)
                .build();
        refuses(spec().addShares(share).build(), "shares[tag=acl].posixAcl", "IdMap.IDENTITY");
    }

    @Test
    void extensionWhoseModuleIsAbsent() {
        refuses(spec().addExtensions(new ForeignExtension()).build(), "foreign", "org.example:foreign");
    }

    @Test
    void virtiofsWithoutItsModule() {
        try (VmHost host = VmHost.builder().withoutLookUp().build()) {
            assertThat(host.preflight(spec().addShares(VirtiofsShare.of("v", folder.resolve("data")))
                                    .build())
                            .problems())
                    .anySatisfy(problem -> assertThat(problem.cure()).contains("dev.microvm:microvm-virtiofs"));
        }
    }

    @Test
    void refusesBadAttributesWhereTheyAreWritten() {
        refusesToBuild(() -> spec().memoryMib(0).build(), "memoryMib = 0");
        refusesToBuild(() -> spec().vcpus(0).build(), "vcpus = 0");
        refusesToBuild(() -> NinePShare.of("t".repeat(32), folder), "32 bytes", "31");
        refusesToBuild(() -> VirtiofsShare.of("t".repeat(37), folder), "37 bytes", "36");
        refusesToBuild(() -> NinePShare.of("t", Path.of("~/data")), "~/data", "user.home");
        refusesToBuild(
                () -> PortForward.builder()
                        .direction(PortForward.Direction.GUEST_TO_HOST)
                        .protocol(Protocol.UDP)
                        .hostPort(53)
                        .guestPort(53)
                        .build(),
                "UDP");
        refusesToBuild(() -> UserNetwork.builder().mac("00:11:22:33:44").build(), "00:11:22:33:44");
    }

    @Test
    void unknownJsonField() {
        String json = SpecJson.write(spec().build());
        assertThat(SpecJson.read(json)).isEqualTo(spec().build());
        refusesToBuild(() -> SpecJson.read(json.replaceFirst("\"vcpus\"", "\"vcpu\"")), "vcpu");
    }

    private static void refusesToBuild(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.getMessage()).contains(words));
    }

    private record ForeignExtension() implements SpecExtension {
        @Override
        public String kind() {
            return "foreign";
        }

        @Override
        public String providedBy() {
            return "org.example:foreign";
        }
    }
}
