/* SPDX-License-Identifier: Apache-2.0 */
/** Looks for everything on the host that would keep a spec from running, before anything is started. */
@NullMarked
package dev.microvm.internal.preflight;

import org.jspecify.annotations.NullMarked;
