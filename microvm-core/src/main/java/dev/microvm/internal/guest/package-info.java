/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The host's side of guest control: the connection to the control loop in the guest, the slots in which commands run, and the commands.
 * The protocol is {@code docs/guest-control.md}.
 */
@NullMarked
package dev.microvm.internal.guest;

import org.jspecify.annotations.NullMarked;
