/* SPDX-License-Identifier: Apache-2.0 */
/** Behaviour behind shares: finding, starting and supervising virtiofsd. */
@NullMarked
package dev.microvm.virtiofs;

import org.jspecify.annotations.NullMarked;
