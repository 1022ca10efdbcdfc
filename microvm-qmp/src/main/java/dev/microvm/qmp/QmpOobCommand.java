/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/**
 * A command that may also be sent out of band ({@code exec-oob}; QMP specification, "Out-of-band execution"): it overtakes those that wait
 * for QEMU's main loop, even when that hangs.
 *
 * @param <R> the type of the result
 */
public interface QmpOobCommand<R> extends QmpCommand<R> {}
