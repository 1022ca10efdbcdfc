/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** The waiting thread was interrupted. Its interrupt flag is set again, and the connection stays usable for others. */
public final class QmpCancelledException extends QmpException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one. The library itself throws these; the constructor is public for the fakes of users.
     *
     * @param message what was tried and what happened
     * @param cause why, or null
     */
    public QmpCancelledException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
