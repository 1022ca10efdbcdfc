/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What QEMU loads into the guest before it runs, as found or made on the host for a spec's boot source.
 *
 * @param kernel the kernel image: a bzImage, or on x86_64 better the uncompressed ELF within it: most of a bzImage's boot time under TCG is its
 *     own decompression
 * @param initrd the initrd or initramfs
 * @param kernelParameters parameters the initramfs asks for; those of the spec do not belong here, they follow by themselves
 */
public record BootFiles(Path kernel, Optional<Path> initrd, List<String> kernelParameters) {
    /** Copies the list. */
    public BootFiles {
        kernelParameters = List.copyOf(kernelParameters);
    }
}
