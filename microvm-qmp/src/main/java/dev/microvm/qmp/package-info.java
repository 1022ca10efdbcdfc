/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A client for QMP, the control protocol of QEMU: {@link dev.microvm.qmp.QmpListener} waits for a QEMU to connect, or
 * {@link dev.microvm.qmp.QmpClient} connects to one; commands are values, replies are typed, events arrive in subscriptions.
 */
@NullMarked
package dev.microvm.qmp;

import org.jspecify.annotations.NullMarked;
