/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The types of QEMU's interface, generated from its introspection: records, sealed unions, open enumerations and alternates.
 *
 * <p>What each thing means is told by the "QEMU QMP Reference Manual". Canonical constructors of the records may get further parameters
 * in any release, as QEMU adds members; builders and {@code of} stay.
 */
@NullMarked
package dev.microvm.qmp.model;

import org.jspecify.annotations.NullMarked;
