/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The limit the kernel sets to the path of a unix socket. */
final class SocketPath {
    /** {@code sun_path} of Linux holds 108 bytes, the last of which is the terminating zero (unix(7)). */
    static final int MAX_BYTES = 107;

    private SocketPath() {}

    static Path check(Path socket) {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException("the socket path has " + length + " bytes, but the kernel takes at most "
                    + MAX_BYTES + "; use a shorter folder: " + socket);
        }
        return socket;
    }
}
