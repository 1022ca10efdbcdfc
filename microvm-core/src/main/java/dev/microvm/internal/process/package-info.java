/* SPDX-License-Identifier: Apache-2.0 */
/** Supervision of processes; the only user of Commons Exec. */
@NullMarked
package dev.microvm.internal.process;

import org.jspecify.annotations.NullMarked;
