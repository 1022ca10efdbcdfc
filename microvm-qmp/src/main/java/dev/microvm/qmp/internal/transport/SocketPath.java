/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The limit the kernel sets to the path of a unix socket. */
final class SocketPath {
    /** {@code sun_path} of Linux holds 108 bytes, the last of which is the terminating zero (unix(7)). */
    static final int KERNEL_MAX_BYTES = 107;

    /** Java 17 to 25 refuse the last byte the kernel would take ("Unix domain path too long"). */
    static final int JDK_MAX_BYTES = 106;

    private SocketPath() {}

    static Path check(Path socket, int maxBytes) {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > maxBytes) {
            throw new IllegalArgumentException("the socket path has " + length + " bytes, but at most " + maxBytes
                    + " are possible; use a shorter folder: " + socket);
        }
        return socket;
    }
}
