/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.Architecture;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VsockDevice;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class GuestModulesTest {
    private static VmSpec.Builder hostRoot() {
        return VmSpec.builder().boot(BootSource.hostRoot());
    }

    @Test
    void aPlainGuestNeedsItsPortsItsRootAndItsPowerButton() {
        assertThat(GuestModules.of(hostRoot().build()))
                .containsExactly(
                        "virtio_mmio",
                        "virtio_console",
                        "button",
                        "evdev",
                        "virtio_rng",
                        "9p",
                        "9pnet_virtio",
                        "overlay");
    }

    @Test
    void otherMachinesHavePci() {
        assertThat(GuestModules.of(hostRoot().machine(MachineType.Q35).build()))
                .contains("virtio_pci")
                .doesNotContain("virtio_mmio");
        assertThat(GuestModules.of(hostRoot().architecture(Architecture.AARCH64).build()))
                .contains("virtio_pci", "gpio_keys")
                .doesNotContain("virtio_mmio", "button");
    }

    @Test
    void devicesBringTheirModules() {
        VmSpec spec = hostRoot()
                .addShares(VirtiofsShare.of("v", Path.of("/srv")))
                .addForwards(PortForward.hostToGuest(0, 22))
                .addVolumes(Volume.builder().image(Path.of("/disk")).build())
                .vsock(VsockDevice.of(3))
                .build();

        assertThat(GuestModules.of(spec))
                .contains("virtiofs", "virtio_net", "virtio_blk", "vmw_vsock_virtio_transport");
    }

    @Test
    void aFileSystemBringsItsModulesOnlyWhereItIsMounted() {
        Volume ext4 = Volume.of(Path.of("/disk")).createdWith(9, FileSystem.EXT4);
        assertThat(GuestModules.of(hostRoot().addVolumes(ext4).build())).doesNotContain("ext4");
        assertThat(GuestModules.of(hostRoot()
                        .addVolumes(
                                ext4.mountedAt("/a"),
                                Volume.of(Path.of("/other"))
                                        .createdWith(9, FileSystem.EXT2)
                                        .mountedAt("/b"),
                                Volume.of(Path.of("/fat"))
                                        .createdWith(9, FileSystem.VFAT)
                                        .mountedAt("/c"))
                        .build()))
                .as("each once, the checksum before what asks for it")
                .containsOnlyOnce("ext4")
                .containsSubsequence("virtio_blk", "crc32c_generic?", "ext4", "nls_cp437?", "vfat")
                .doesNotContain("xfs", "btrfs");
    }

    @Test
    void aGuestWithItsOwnInitrdBringsItsOwnModules() {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.kernel(Path.of("/kernel"), Path.of("/initrd")))
                .build();

        assertThat(GuestModules.of(spec)).isEmpty();
    }
}
