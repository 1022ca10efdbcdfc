/* SPDX-License-Identifier: Apache-2.0 */
/** What the generated types are measured against: the interface of a QEMU, from the model or from a running one, and random values of it. */
@NullMarked
package dev.microvm.qmp.schema;

import org.jspecify.annotations.NullMarked;
