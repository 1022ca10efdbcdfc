/* SPDX-License-Identifier: Apache-2.0 */
/** Schemas of several releases made into one model. */
@NullMarked
package dev.microvm.codegen.merge;

import org.jspecify.annotations.NullMarked;
