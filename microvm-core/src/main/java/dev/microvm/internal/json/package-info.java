/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A spec's JSON form, read strictly: what is unknown is refused with its place and with what is known there. One table for each type
 * says how it is written and read, so that the two cannot drift apart.
 */
@NullMarked
package dev.microvm.internal.json;

import org.jspecify.annotations.NullMarked;
