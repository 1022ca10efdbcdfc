/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Development tools that turn QEMU's introspection into the sources of {@code microvm-qmp}. They speak raw JSON over the JDK's own unix
 * channel and never depend on {@code microvm-qmp}, so that what is generated cannot be needed to generate it.
 */
@NullMarked
package dev.microvm.codegen;

import org.jspecify.annotations.NullMarked;
