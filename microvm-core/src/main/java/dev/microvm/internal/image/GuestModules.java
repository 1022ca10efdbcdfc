/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.util.ArrayList;
import java.util.List;

/** Which kernel modules a spec's guest needs: those of its devices and file systems, and no others, for each costs time at every boot. */
public final class GuestModules {
    private GuestModules() {}

    /** {@return the modules' names, without those they need themselves; none where the guest boots an initrd of its own} */
    public static List<String> of(VmSpec spec) {
        List<String> names = new ArrayList<>();
        if (!(spec.boot() instanceof HostRoot)) {
            return names;
        }
        names.add(QemuCommandLine.machineOf(spec) == MachineType.MICROVM ? "virtio_mmio" : "virtio_pci");
        names.add("virtio_console");
        // The power button: an ACPI device on x86; a GPIO pin, described by the device tree, on Arm's "virt" without
        // firmware.
        names.add(spec.architecture() == Architecture.AARCH64 ? "gpio_keys" : "button");
        names.add("evdev");
        names.add("virtio_rng");
        names.add("9p");
        names.add("9pnet_virtio");
        names.add("overlay");
        if (spec.shares().stream().anyMatch(VirtiofsShare.class::isInstance)) {
            names.add("virtiofs");
        }
        if (!spec.interfaces().isEmpty() || !spec.forwards().isEmpty()) {
            names.add("virtio_net");
        }
        if (!spec.volumes().isEmpty()) {
            names.add("virtio_blk");
        }
        spec.volumes().stream()
                .filter(volume -> volume.mountPoint().isPresent())
                .flatMap(volume -> volume.fileSystem().stream())
                .distinct()
                .sorted()
                .map(GuestModules::of)
                .flatMap(List::stream)
                .distinct()
                .forEach(names::add);
        if (spec.vsock().isPresent()) {
            names.add("vmw_vsock_virtio_transport");
        }
        return List.copyOf(names);
    }

    /**
     * What a file system asks for only while it runs must be named, for there is no modprobe in the initramfs: the checksum (modules.softdep
     * of ext4, btrfs and libcrc32c), and the character sets of vfat (Linux, CONFIG_FAT_DEFAULT_CODEPAGE and _IOCHARSET). Kernels that
     * have them under another name have them built in.
     */
    private static List<String> of(FileSystem fileSystem) {
        return switch (fileSystem) {
            // One module serves all three: CONFIG_EXT4_USE_FOR_EXT2.
            case EXT2, EXT3, EXT4 -> List.of("crc32c_generic?", "ext4");
            case XFS -> List.of("crc32c_generic?", "xfs");
            case BTRFS -> List.of("crc32c_generic?", "xxhash_generic?", "blake2b_generic?", "btrfs");
            case VFAT -> List.of("nls_cp437?", "nls_ascii?", "nls_iso8859-1?", "nls_utf8?", "vfat");
        };
    }
}
