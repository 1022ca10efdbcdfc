/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** Anything that went wrong with QMP. The message says what was tried, with which command, for how long, and what was last observed. */
public abstract sealed class QmpException extends RuntimeException
        permits QmpCancelledException,
                QmpClosedException,
                QmpErrorException,
                QmpJobException,
                QmpProtocolException,
                QmpTimeoutException,
                QmpUnsupportedException {
    private static final long serialVersionUID = 1L;

    QmpException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
