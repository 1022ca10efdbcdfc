/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.HostMemory;
import dev.microvm.internal.host.HostPlatform;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Protocol;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VsockDevice;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProblemsTest {
    private static final HostPlatform LINUX = new HostPlatform("Linux", "amd64");
    private static final Problem NO_KERNEL = new Problem("kernel", "no kernel serves", "install one");

    @TempDir
    Path temp;

    private Path kernel;

    @BeforeEach
    void kernel() throws IOException {
        kernel = Files.createFile(temp.resolve("vmlinuz"));
        Path bin = Files.createDirectories(temp.resolve("bin"));
        for (String program : List.of("sh", "setsid", "setpriv")) {
            Files.setPosixFilePermissions(
                    Files.createFile(bin.resolve(program)), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private VmSpec.Builder spec() {
        return VmSpec.builder().boot(KernelBoot.builder().kernel(kernel).build());
    }

    private List<Problem> problems(VmSpec spec, OptionalInt qemuUid, HostPlatform platform, String path) {
        Map<String, String> environment =
                Map.of("PATH", path, "MICROVM_CACHE", temp.resolve("cache").toString());
        return new HostProblems(environment, platform, Optional.of(new HostMemory(4096, 3000)), qemuUid, temp)
                .problems(spec, List.of(NO_KERNEL));
    }

    private List<Problem> problems(VmSpec spec) {
        return problems(spec, OptionalInt.empty(), LINUX, temp.resolve("bin").toString());
    }

    @Test
    void aPlainSpecHasNone() {
        assertThat(problems(spec().build())).isEmpty();
    }

    @Test
    void anotherSystemIsTheOnlyProblemItself() {
        VmSpec spec = spec().memoryMib(100_000).build();

        assertThat(problems(spec, OptionalInt.empty(), new HostPlatform("Mac OS X", "aarch64"), "/nowhere"))
                .extracting(Problem::subject)
                .containsExactly("host");
    }

    @Test
    void collectsEverythingAtOnce() {
        VmSpec spec = spec().memoryMib(100_000)
                .addShares(NinePShare.of("gone", temp.resolve("gone")), VirtiofsShare.of("file", kernel))
                .addVolumes(Volume.builder().image(temp.resolve("disk")).build())
                .addInterfaces(TapNetwork.builder().device("tap7").vhost(true).build())
                .vsock(VsockDevice.of(3))
                .addPassthrough(PciPassthrough.of("01:00.0"))
                .build();

        assertThat(problems(spec))
                .extracting(Problem::subject)
                .containsExactly(
                        "shares[tag=gone].source",
                        "shares[tag=file].source",
                        "memoryMib",
                        "volumes[image=" + temp.resolve("disk") + "]",
                        "interfaces[id=net0]",
                        "interfaces[id=net0]",
                        "interfaces[id=net0]",
                        "vsock",
                        "passthrough[host=01:00.0]");
    }

    @Test
    void aShareMustBeReadableByQemusUserWhereQemuServesIt() throws IOException {
        Path closed = Files.createDirectories(temp.resolve("closed/inner"));
        Files.setPosixFilePermissions(temp.resolve("closed"), PosixFilePermissions.fromString("rwx------"));
        VmSpec spec = spec().addShares(NinePShare.of("a", closed), VirtiofsShare.of("b", closed))
                .build();

        List<Problem> problems = problems(
                spec, OptionalInt.of(54_321), LINUX, temp.resolve("bin").toString());

        assertThat(problems).extracting(Problem::subject).containsExactly("shares[tag=a].source");
        assertThat(problems.get(0).detail()).contains("54321").contains("mode 0700");
        assertThat(problems(spec)).isEmpty();
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                DatagramSocket udp = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            VmSpec spec = spec().addForwards(
                            PortForward.hostToGuest(tcp.getLocalPort(), 22),
                            PortForward.hostToGuest(0, 80),
                            PortForward.guestToHost(5432, tcp.getLocalPort()),
                            PortForward.builder()
                                    .protocol(Protocol.UDP)
                                    .hostPort(udp.getLocalPort())
                                    .guestPort(53)
                                    .build())
                    .build();

            assertThat(problems(spec))
                    .extracting(Problem::subject)
                    .containsExactly(
                            "forwards[hostPort=" + tcp.getLocalPort() + "]",
                            "forwards[hostPort=" + udp.getLocalPort() + "]",
                            "forwards");
            assertThat(problems(spec).get(0).cure()).contains("ss -tulpn");
            assertThat(problems(spec).get(2).detail()).contains("the nc of a busybox");
        }
    }

    @Test
    void programsOfTheLifelineAreNeeded() {
        assertThat(problems(spec().build(), OptionalInt.empty(), LINUX, "/nowhere"))
                .extracting(Problem::subject)
                .containsExactly("sh", "setsid", "setpriv");
    }

    @Test
    void whatIsMissingToBootTheHostsRootCountsOnlyThere() {
        VmSpec spec = VmSpec.builder().boot(BootSource.hostRoot()).build();

        assertThat(problems(spec)).containsExactly(NO_KERNEL);
        assertThat(problems(spec().build())).isEmpty();
    }

    @Test
    void aKernelOfTheSpecMustExist() throws IOException {
        Files.delete(kernel);

        assertThat(problems(spec().build()))
                .singleElement()
                .hasToString("KernelBoot.kernel: " + kernel + " does not exist -> name an existing file");
    }

    @Test
    void aLongStateFolderIsAProblem() {
        assertThat(HostProblems.socketPaths(Path.of("/run/user/1000/microvm/abc")))
                .isEmpty();
        assertThat(HostProblems.socketPaths(Path.of("/tmp/" + "x".repeat(110)))
                        .orElseThrow()
                        .cure())
                .contains("XDG_RUNTIME_DIR");
    }
}
