/* SPDX-License-Identifier: Apache-2.0 */
/** Programs that measure: every published figure comes from one of them, as a ratio to a floor or a peer measured beside it. */
@NullMarked
package dev.microvm.benchmarks;

import org.jspecify.annotations.NullMarked;
