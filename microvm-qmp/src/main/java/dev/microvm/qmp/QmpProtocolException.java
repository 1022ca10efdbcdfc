/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** The server sent something that is not QMP, or a value that has not the form its schema says. */
public final class QmpProtocolException extends QmpException {
    private static final long serialVersionUID = 1L;

    QmpProtocolException(String message) {
        super(message, null);
    }

    /**
     * Makes one. The library itself throws these; the constructor is public for the fakes of users.
     *
     * @param message what was tried and what happened
     * @param cause why, or null
     */
    public QmpProtocolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
