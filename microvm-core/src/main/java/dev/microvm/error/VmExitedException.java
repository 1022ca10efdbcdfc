/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import org.jspecify.annotations.Nullable;

/** The VM ended while something was awaited from it. */
public final class VmExitedException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    /** Creates one from a headline and the report behind it. */
    public VmExitedException(String headline, FailureReport report, @Nullable Throwable cause) {
        super(headline, report, cause);
    }
}
