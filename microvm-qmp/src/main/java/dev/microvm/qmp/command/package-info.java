/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The commands of QEMU as values that {@link dev.microvm.qmp.QmpClient} sends, generated from its introspection.
 *
 * <p>What each thing means is told by the "QEMU QMP Reference Manual". Canonical constructors of the records may get further parameters
 * in any release, as QEMU adds members; builders and {@code of} stay.
 */
@NullMarked
package dev.microvm.qmp.command;

import org.jspecify.annotations.NullMarked;
