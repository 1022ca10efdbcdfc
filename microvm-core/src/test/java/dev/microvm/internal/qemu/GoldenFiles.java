/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.Architecture;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Real files in place of a golden case's placeholders. The guest never runs, so kernels are mere headers. */
final class GoldenFiles {
    private final Path folder;

    GoldenFiles(Path folder) {
        this.folder = folder;
    }

    /** {@return the golden arguments with real paths} */
    List<String> fill(List<String> arguments) {
        return arguments.stream().map(this::fill).toList();
    }

    private String fill(String argument) {
        String text = argument;
        for (String name : GoldenCase.PLACEHOLDERS) {
            text = text.replace("$" + name, folder + "/" + name);
        }
        return text;
    }

    /** {@return the real path of {@code /RUN/x} and its like} */
    Path real(Path placeholder) {
        return folder.resolve(placeholder.toString().substring(1));
    }

    void create(GoldenCase golden) throws IOException {
        VmSpec spec = golden.spec();
        Files.createDirectories(real(golden.run()));
        Files.write(
                real(Path.of("/KERNEL")),
                spec.architecture() == Architecture.AARCH64 ? new byte[4096] : bzImageHeader());
        Files.write(real(Path.of("/INITRD")), new byte[512]);
        for (Share share : spec.shares()) {
            Files.createDirectories(real(share.source()));
        }
        if (spec.boot() instanceof HostRoot host && !host.root().equals(Path.of("/"))) {
            Files.createDirectories(real(host.root()));
        }
        for (Volume volume : spec.volumes()) {
            Files.createDirectories(real(volume.image()).getParent());
            Files.write(real(volume.image()), volume.format() == VolumeFormat.RAW ? new byte[1 << 16] : emptyQcow2());
        }
    }

    /** What QEMU's loader looks at (Linux, Documentation/arch/x86/boot.rst): boot flag, magic, protocol 2.12, 32-bit entry. */
    private static byte[] bzImageHeader() {
        ByteBuffer image = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0x1f1, (byte) 1).putShort(0x1fe, (short) 0xaa55);
        image.putInt(0x202, 0x53726448).putShort(0x206, (short) 0x20c);
        image.put(0x211, (byte) 1).putInt(0x214, 0x100000);
        image.putInt(0x22c, 0x37ffffff).putInt(0x238, 2047);
        return image.array();
    }

    /** An empty image of 64 KiB (QEMU, docs/interop/qcow2.txt): header, L1 table, refcount table and block, a 64 KiB cluster each. */
    private static byte[] emptyQcow2() {
        int cluster = 1 << 16;
        ByteBuffer image = ByteBuffer.allocate(4 * cluster);
        image.putInt(0, 0x514649fb).putInt(4, 2).putInt(20, 16).putLong(24, cluster);
        image.putInt(36, 1).putLong(40, cluster);
        image.putLong(48, 2L * cluster).putInt(56, 1);
        image.putLong(2 * cluster, 3L * cluster);
        for (int used = 0; used < 4; used++) {
            image.putShort(3 * cluster + 2 * used, (short) 1);
        }
        return image.array();
    }
}
