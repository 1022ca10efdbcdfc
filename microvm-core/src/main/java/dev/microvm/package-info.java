/* SPDX-License-Identifier: Apache-2.0 */
/** The live side: a {@code VmHost} starts a {@code MicroVm} from a spec, supervises it and stops it. */
@NullMarked
package dev.microvm;

import org.jspecify.annotations.NullMarked;
