/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Behaviour behind {@link dev.microvm.spec.VirtiofsShare}: {@link dev.microvm.virtiofs.VirtiofsdProbe} finds the daemon,
 * {@link dev.microvm.virtiofs.Virtiofsd} starts one for a share, waits until QEMU can connect, and watches it. With this module on the
 * path a spec with such a share just works: {@link dev.microvm.virtiofs.VirtiofsProvider} is found by itself. It also decides what an
 * {@link dev.microvm.spec.AutoShare} becomes, and {@link dev.microvm.virtiofs.NinePExport} checks 9p shares.
 */
@NullMarked
package dev.microvm.virtiofs;

import org.jspecify.annotations.NullMarked;
