/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import org.jspecify.annotations.Nullable;

/** The VM ended while something was awaited from it. */
public final class VmExitedException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates one from a headline and the report behind it.
     *
     * @param headline the first line of the message, saying what did not happen
     * @param report what was attempted, in which phase, and what was seen; its text becomes part of the message
     * @param cause what was thrown below; null if nothing was
     */
    public VmExitedException(String headline, FailureReport report, @Nullable Throwable cause) {
        super(headline, report, cause);
    }
}
