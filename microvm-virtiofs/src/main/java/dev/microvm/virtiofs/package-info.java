/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Behaviour behind {@link dev.microvm.spec.VirtiofsShare}: {@link dev.microvm.virtiofs.VirtiofsdProbe} finds the daemon,
 * {@link dev.microvm.virtiofs.Virtiofsd} starts one for a share, waits until QEMU can connect, and watches it. With this module on the
 * path a spec with such a share just works: {@link dev.microvm.virtiofs.VirtiofsProvider} is found by itself. It also decides what an
 * {@link dev.microvm.spec.AutoShare} becomes, and {@link dev.microvm.virtiofs.NinePExport} checks 9p shares.
 *
 * <p>For a QEMU that you run yourself:
 *
 * <pre>{@code
 * VirtiofsShare share = VirtiofsShare.of("work", folder).mappingUser(1000);
 * try (Virtiofsd daemon = Virtiofsd.start(share)) {
 *     List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-machine", "q35"));
 *     command.addAll(Virtiofsd.sharedMemoryArguments(MachineType.Q35, 1024));
 *     command.addAll(daemon.qemuArguments(MachineType.Q35));
 *     command.addAll(more);
 *     Process qemu = new ProcessBuilder(command).inheritIO().start();
 *     daemon.died().thenAccept(reason -> qemu.destroy());
 *     return qemu.waitFor();
 * }
 * }</pre>
 */
@NullMarked
package dev.microvm.virtiofs;

import org.jspecify.annotations.NullMarked;
