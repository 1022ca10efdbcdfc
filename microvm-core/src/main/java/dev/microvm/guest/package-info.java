/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Talking to a running guest: {@link dev.microvm.guest.GuestShell} runs commands in it, {@link dev.microvm.guest.Console} shows what its
 * kernel and its first process write.
 */
@NullMarked
package dev.microvm.guest;

import org.jspecify.annotations.NullMarked;
