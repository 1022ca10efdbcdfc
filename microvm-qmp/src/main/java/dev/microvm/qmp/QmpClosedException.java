/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** There is no connection, or no more: QEMU ended, reset it or never made it, or the client was closed. */
public final class QmpClosedException extends QmpException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one. The library itself throws these; the constructor is public for the fakes of users.
     *
     * @param message what was tried and what happened
     * @param cause why, or null
     */
    public QmpClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
