/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.util.OptionalLong;

/**
 * What a command line depends on beside the spec.
 *
 * @param qemu the QEMU program
 * @param accelerator what executes the guest's instructions
 * @param tscKhz the measured rate of the time stamp counter in kHz; present where an x86_64 guest runs under TCG on an x86_64 host, since
 *     only there the kernel must be told
 */
public record HostFacts(QemuBinary qemu, AcceleratorChoice accelerator, OptionalLong tscKhz) {}
