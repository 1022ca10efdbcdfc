/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.IOException;

/** What was to connect has ended before it did. */
public final class AcceptAbortedException extends IOException {
    private static final long serialVersionUID = 1L;

    AcceptAbortedException(String message) {
        super(message);
    }
}
