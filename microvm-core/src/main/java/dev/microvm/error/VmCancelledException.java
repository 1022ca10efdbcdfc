/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import org.jspecify.annotations.Nullable;

/** The calling thread was interrupted (its flag is set again) or the start was cancelled; everything was undone. */
public final class VmCancelledException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates one from a headline and the report behind it.
     *
     * @param headline the first line of the message, saying what did not happen
     * @param report what was attempted, in which phase, and what was seen; its text becomes part of the message
     * @param cause what was thrown below; null if nothing was
     */
    public VmCancelledException(String headline, FailureReport report, @Nullable Throwable cause) {
        super(headline, report, cause);
    }
}
