/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** The server sent something that is not QMP, or a value that has not the form its schema says. */
public final class QmpProtocolException extends QmpException {
    private static final long serialVersionUID = 1L;

    QmpProtocolException(String message) {
        super(message, null);
    }

    QmpProtocolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
