/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A client for the QEMU guest agent, a program in the guest that does what the host asks for: {@link dev.microvm.qmp.agent.GuestAgent}.
 *
 * <p>What each verb means is told by the "QEMU Guest Agent Protocol Reference".
 */
@NullMarked
package dev.microvm.qmp.agent;

import org.jspecify.annotations.NullMarked;
