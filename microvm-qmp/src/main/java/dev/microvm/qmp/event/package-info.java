/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The events of QEMU, to subscribe to with {@link dev.microvm.qmp.QmpClient}, generated from its introspection.
 *
 * <p>What each thing means is told by the "QEMU QMP Reference Manual". Canonical constructors of the records may get further parameters
 * in any release, as QEMU adds members; builders and {@code of} stay.
 */
@NullMarked
package dev.microvm.qmp.event;

import org.jspecify.annotations.NullMarked;
