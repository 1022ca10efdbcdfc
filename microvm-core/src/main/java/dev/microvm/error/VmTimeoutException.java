/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import org.jspecify.annotations.Nullable;

/** A wait ran out of its limit; the report says what was awaited and what was seen last. */
public final class VmTimeoutException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates one from a headline and the report behind it.
     *
     * @param headline the first line of the message, saying what did not happen
     * @param report what was attempted, in which phase, and what was seen; its text becomes part of the message
     * @param cause what was thrown below; null if nothing was
     */
    public VmTimeoutException(String headline, FailureReport report, @Nullable Throwable cause) {
        super(headline, report, cause);
    }
}
