/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.nio.file.Path;

/**
 * A QEMU program that was found and has said its version.
 *
 * @param path the program, absolute
 * @param version what it says of itself
 * @param features what follows from the version
 */
public record QemuBinary(Path path, QemuVersion version, QemuFeatures features) {
    /** {@return the binary with the features that follow from its version} */
    public static QemuBinary of(Path path, QemuVersion version) {
        return new QemuBinary(path, version, QemuFeatures.of(version));
    }
}
