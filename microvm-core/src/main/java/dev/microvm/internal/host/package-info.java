/* SPDX-License-Identifier: Apache-2.0 */
/** What the host has: QEMU, KVM, the rate of its time stamp counter, kernels and modules, memory; found by looking and by trying. */
@NullMarked
package dev.microvm.internal.host;

import org.jspecify.annotations.NullMarked;
