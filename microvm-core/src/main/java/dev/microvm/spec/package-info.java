/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The guest as values: everything that describes a VM and nothing that runs one. All types are immutable, do no I/O and know
 * nothing of the host they will run on; {@link dev.microvm.spec.VmSpec} is the entry.
 */
@NullMarked
package dev.microvm.spec;

import org.jspecify.annotations.NullMarked;
