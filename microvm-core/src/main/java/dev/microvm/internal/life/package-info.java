/* SPDX-License-Identifier: Apache-2.0 */
/** The course of a VM's life: what has been done and must be undone, where its files stand, how it is brought to its end. */
@NullMarked
package dev.microvm.internal.life;

import org.jspecify.annotations.NullMarked;
