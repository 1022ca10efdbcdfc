/* SPDX-License-Identifier: Apache-2.0 */
/** The mounts of a guest as text for those who mount in guests of their own: fstab, systemd, NixOS. Pure. */
@NullMarked
package dev.microvm.internal.mounttext;

import org.jspecify.annotations.NullMarked;
