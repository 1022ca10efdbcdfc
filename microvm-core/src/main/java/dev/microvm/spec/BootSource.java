/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;

/** What a VM boots. */
public sealed interface BootSource permits HostRoot, KernelBoot {
    /** {@return a boot of the host's kernel on the host's own root, read-only under a tmpfs} */
    static HostRoot hostRoot() {
        return HostRoot.builder().build();
    }

    /**
     * {@return a boot of a given kernel and initrd}
     *
     * @param kernel the image, in a form QEMU's {@code -kernel} boots
     * @param initrd in any form that kernel unpacks
     */
    static KernelBoot kernel(Path kernel, Path initrd) {
        return KernelBoot.builder().kernel(kernel).initrd(initrd).build();
    }
}
