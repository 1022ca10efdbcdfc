/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

/**
 * How a version of QEMU wants to be spoken to: the only place where versions differ.
 *
 * @param runWithUser the user is given as {@code -run-with user=} (9.1 and later); before that as {@code -runas}, which 10.0 no longer
 *     has (QEMU, "Deprecated features", {@code -runas}; both forms tried on 7.2.22 and 10.0.2)
 * @param reconnectMs a client socket's pause between attempts is given as {@code reconnect-ms=} (9.2 and later); before that as
 *     {@code reconnect=} in seconds, which 11.1 rejects (tried on 7.2, 10.0 and 11.1)
 */
public record QemuFeatures(boolean runWithUser, boolean reconnectMs) {
    /** {@return the features of a version} */
    public static QemuFeatures of(QemuVersion version) {
        return new QemuFeatures(version.isAtLeast(9, 1), version.isAtLeast(9, 2));
    }
}
