/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** A limit passed. The connection stays usable: a reply that comes late is dropped. */
public final class QmpTimeoutException extends QmpException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one. The library itself throws these; the constructor is public for the fakes of users.
     *
     * @param message what was tried and what happened
     * @param cause why, or null
     */
    public QmpTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
