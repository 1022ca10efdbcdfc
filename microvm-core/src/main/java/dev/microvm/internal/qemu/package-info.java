/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From a spec to QEMU's command line: a pure function, one small class for each family of devices; nothing here opens a file, reads a
 * clock or asks the environment. Every argument carries the reason why it is there.
 */
@NullMarked
package dev.microvm.internal.qemu;

import org.jspecify.annotations.NullMarked;
