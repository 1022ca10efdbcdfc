/* SPDX-License-Identifier: Apache-2.0 */
/** The commands, events and types of QEMU, as values that {@link dev.microvm.qmp.QmpClient} sends and receives. */
@NullMarked
package dev.microvm.qmp.model;

import org.jspecify.annotations.NullMarked;
