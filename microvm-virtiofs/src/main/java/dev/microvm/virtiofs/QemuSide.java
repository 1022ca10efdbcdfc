/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.MachineType;
import dev.microvm.spec.VirtiofsShare;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a QEMU of somebody else must be told to have a share. */
final class QemuSide {
    private static final String MEMORY = "virtiofs-mem";

    private QemuSide() {}

    static List<String> share(VirtiofsShare share, Path socket, MachineType machine) {
        String id = Virtiofsd.processName(share.tag());
        return List.of(
                "-chardev",
                "socket,id=" + id + ",path=" + escaped(socket.toString()),
                "-device",
                (machine == MachineType.MICROVM ? "vhost-user-fs-device" : "vhost-user-fs-pci")
                        + ",chardev=" + id
                        + ",tag=" + escaped(share.tag())
                        + ",queue-size=" + share.daemon().queueSize());
    }

    /** Options of {@code -machine} given apart add up, so that the user's own may name the machine. */
    static List<String> sharedMemory(MachineType machine, int memoryMib) {
        if (memoryMib < 1) {
            throw new IllegalArgumentException("memoryMib = " + memoryMib + ": must be 1 at least");
        }
        List<String> arguments = new ArrayList<>(List.of(
                "-m",
                "size=" + memoryMib + "M",
                "-object",
                "memory-backend-memfd,id=" + MEMORY + ",size=" + memoryMib + "M,share=on",
                "-machine",
                "memory-backend=" + MEMORY));
        if (machine == MachineType.MICROVM) {
            arguments.addAll(List.of("-global", "virtio-mmio.force-legacy=off"));
        }
        return List.copyOf(arguments);
    }

    /** QEMU reads a doubled comma as one. */
    private static String escaped(String value) {
        return value.replace(",", ",,");
    }
}
