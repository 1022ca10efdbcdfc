/* SPDX-License-Identifier: Apache-2.0 */
/** What a guest has to mount, as values: one list from a spec, in an order that works, whoever mounts it then. Pure. */
@NullMarked
package dev.microvm.internal.mount;

import org.jspecify.annotations.NullMarked;
