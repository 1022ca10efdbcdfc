/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.AcceleratorChoice;
import dev.microvm.internal.host.HostFacts;
import dev.microvm.internal.host.QemuBinary;
import dev.microvm.internal.host.QemuVersion;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SpecRelationsTest {
    private static VmSpec.Builder spec() {
        return VmSpec.builder().boot(BootSource.hostRoot());
    }

    private static List<String> problems(VmSpec.Builder spec) {
        return SpecRelations.problems(spec.build()).stream()
                .map(Problem::toString)
                .toList();
    }

    private static CommandLine render(VmSpec.Builder spec, Accelerator accelerator, Optional<Path> busybox) {
        HostFacts facts = new HostFacts(
                QemuBinary.of(Path.of("/qemu"), new QemuVersion(7, 2, 0)),
                new AcceleratorChoice(accelerator, "test"),
                OptionalLong.empty());
        return QemuCommandLine.render(
                spec.build(),
                facts,
                new BootFiles(Path.of("/kernel"), Optional.empty(), List.of()),
                new RuntimePaths(Path.of("/run"), busybox));
    }

    private static NinePShare[] shares(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> NinePShare.of("s" + i, Path.of("/s" + i)))
                .toArray(NinePShare[]::new);
    }

    @Test
    void findsNothingInASoundSpec() {
        assertThat(problems(spec().addForwards(PortForward.hostToGuest(0, 22), PortForward.hostToGuest(0, 80))))
                .isEmpty();
    }

    private static StoreOverlay overlayOf(String lower) {
        return StoreOverlay.builder()
                .lower(lower)
                .upper("/nix/.rw-store")
                .mountPoint("/nix/store")
                .build();
    }

    @Test
    void anOverlayNeedsAShareBelowIt() {
        NinePShare store = NinePShare.of("store", Path.of("/nix/store"))
                .mountedAt("/nix/.ro-store")
                .asReadOnly();

        assertThat(problems(spec().addShares(store).addStoreOverlays(overlayOf("/nix/.ro-store"))))
                .isEmpty();
        assertThat(problems(spec().addShares(store).addStoreOverlays(overlayOf("/nix/.ro-store/sub"))))
                .isEmpty();
        assertThat(problems(spec().addShares(store).addStoreOverlays(overlayOf("/nix/.ro-store2"))))
                .singleElement()
                .asString()
                .contains("storeOverlays[mountPoint=/nix/store].lower")
                .contains("add a share mounted at /nix/.ro-store2");
    }

    @Test
    void nothingIsMountedOverTheHostsRoot() {
        assertThat(problems(spec().addShares(NinePShare.of("a", Path.of("/a")).mountedAt("/"))))
                .singleElement()
                .asString()
                .contains("HostRoot.root");
    }

    @Test
    void takes24MmioDevicesAndNot25() {
        // The ports, the entropy and the host's root take three.
        assertThat(problems(spec().addShares(shares(21)))).isEmpty();
        assertThat(problems(spec().addShares(shares(22))))
                .singleElement()
                .asString()
                .contains("microvm takes 24 virtio devices, this spec has 25", "MachineType.Q35");
        assertThat(problems(spec().machine(MachineType.Q35).addShares(shares(22))))
                .isEmpty();
    }

    @Test
    void tellsAllProblemsAtOnce() {
        List<String> problems = problems(spec().machine(MachineType.MICROVM)
                .accelerator(Accelerator.TCG)
                .cpu("host")
                .addPassthrough(PciPassthrough.of("01:00.0"))
                .addShares(NinePShare.of("a", Path.of("/a")), VirtiofsShare.of("a", Path.of("/b")))
                .addVolumes(
                        Volume.builder().image(Path.of("/i")).build(),
                        Volume.builder().image(Path.of("/i")).build())
                .addInterfaces(TapNetwork.builder().device("tap0").build())
                .addForwards(PortForward.hostToGuest(22, 22), PortForward.hostToGuest(22, 23)));
        assertThat(problems)
                .hasSize(6)
                .anyMatch(text -> text.contains("passthrough[host=01:00.0]: needs PCI"))
                .anyMatch(text -> text.contains("cpu: host needs KVM"))
                .anyMatch(text -> text.contains("shares: tag = a is used more than once"))
                .anyMatch(text -> text.contains("volumes: image = /i is used more than once"))
                .anyMatch(text -> text.contains("forwards: need a UserNetwork"))
                .anyMatch(text -> text.contains("forwards: host port = tcp:127.0.0.1:22 is used more than once"));
    }

    @Test
    void refusesAShareThatIsNotDecidedYet() {
        assertThat(problems(spec().addShares(Share.auto("open", Path.of("/a")))))
                .singleElement()
                .asString()
                .contains("shares[tag=open]: is not decided yet");
    }

    @Test
    void keepsTheHostRootsTagForItself() {
        assertThat(problems(spec().addShares(NinePShare.of("microvm-root", Path.of("/a")))))
                .singleElement()
                .asString()
                .contains("tag = microvm-root");
    }

    @Test
    void refusesMachinesOfAnotherArchitecture() {
        assertThat(problems(spec().architecture(Architecture.AARCH64).machine(MachineType.Q35)))
                .singleElement()
                .asString()
                .contains("q35 does not exist on aarch64", "MachineType.VIRT");
        assertThat(problems(spec().machine(MachineType.VIRT)))
                .singleElement()
                .asString()
                .contains("virt does not exist on x86_64");
    }

    @Test
    void rendersNothingOfASpecWithProblems() {
        assertThatThrownBy(() -> render(spec().machine(MachineType.VIRT), Accelerator.KVM, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("virt does not exist on x86_64");
    }

    /** It would start, and never print a line. */
    @Test
    void refusesMicrovmUnderTcgWhereTheTscRateIsUnknown() {
        assertThatThrownBy(() -> render(spec(), Accelerator.TCG, Optional.empty()))
                .hasMessageContaining("time stamp counter")
                .hasMessageContaining("MachineType.Q35");
        assertThat(render(spec().machine(MachineType.Q35), Accelerator.TCG, Optional.empty())
                        .arguments())
                .contains("-append");
    }

    @Test
    void refusesTheHostsProcessorWhereKvmWasNotFound() {
        assertThatThrownBy(() -> render(spec().cpu("host,-sgx"), Accelerator.TCG, Optional.empty()))
                .hasMessage(
                        "VmSpec.cpu = host,-sgx: needs KVM, and what runs the guest is TCG (test); leave it out, or use 'max'");
    }

    @Test
    void refusesGuestForwardsWithoutABusybox() {
        VmSpec.Builder forward = spec().addForwards(PortForward.guestToHost(5432, 15432));
        assertThatThrownBy(() -> render(forward, Accelerator.KVM, Optional.empty()))
                .hasMessageContaining("install busybox-static")
                .hasMessageContaining("10.0.2.2:15432");
    }

    @Test
    void refusesKernelCommandLinesThatTheKernelWouldCutOff() {
        assertThatThrownBy(
                        () -> render(spec().addKernelParameters("x".repeat(2100)), Accelerator.KVM, Optional.empty()))
                .hasMessageContaining("would be cut off at 2047");
    }
}
