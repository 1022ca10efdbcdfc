/* SPDX-License-Identifier: Apache-2.0 */
/** Java sources written from the model. */
@NullMarked
package dev.microvm.codegen.java;

import org.jspecify.annotations.NullMarked;
