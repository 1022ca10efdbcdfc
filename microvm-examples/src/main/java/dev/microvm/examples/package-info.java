/* SPDX-License-Identifier: Apache-2.0 */
/** Programs people really run; {@link dev.microvm.examples.DevVm} is the main job. */
@NullMarked
package dev.microvm.examples;

import org.jspecify.annotations.NullMarked;
