/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.nio.file.Path;

/**
 * A kernel that can be booted and the modules that belong to it.
 *
 * @param image the kernel image, such as {@code /boot/vmlinuz-6.1.0-56-amd64}
 * @param modules its module folder, such as {@code /lib/modules/6.1.0-56-amd64}, with {@code modules.dep} in it
 * @param release its release, such as {@code 6.1.0-56-amd64}
 */
public record KernelImage(Path image, Path modules, String release) {}
