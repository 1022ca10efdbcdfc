/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import org.jspecify.annotations.Nullable;

/** The root of this library's exceptions, QMP's apart. The message holds the whole report. */
public class MicroVmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient FailureReport report;

    /** Creates one from a headline and the report behind it. */
    public MicroVmException(String headline, FailureReport report, @Nullable Throwable cause) {
        super(report.describe(headline), cause);
        this.report = report;
    }

    /** {@return what was attempted, in which phase, and everything that was seen} */
    public FailureReport report() {
        return report;
    }
}
