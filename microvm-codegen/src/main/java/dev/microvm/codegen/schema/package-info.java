/* SPDX-License-Identifier: Apache-2.0 */
/** One QEMU's schema as values. */
@NullMarked
package dev.microvm.codegen.schema;

import org.jspecify.annotations.NullMarked;
