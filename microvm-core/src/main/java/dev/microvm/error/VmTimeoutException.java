/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import org.jspecify.annotations.Nullable;

/** A wait ran out of its limit; the report says what was awaited and what was seen last. */
public final class VmTimeoutException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    /** Creates one from a headline and the report behind it. */
    public VmTimeoutException(String headline, FailureReport report, @Nullable Throwable cause) {
        super(headline, report, cause);
    }
}
