/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The guest's side of a boot from the host's root: the generated initramfs with its init and its control loop, the modules it needs, and
 * the plan by which the guest mounts what a spec says.
 */
@NullMarked
package dev.microvm.internal.image;

import org.jspecify.annotations.NullMarked;
