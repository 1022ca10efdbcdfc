/* SPDX-License-Identifier: Apache-2.0 */
/** Talking to a running guest: commands, its console, its files. */
@NullMarked
package dev.microvm.guest;

import org.jspecify.annotations.NullMarked;
