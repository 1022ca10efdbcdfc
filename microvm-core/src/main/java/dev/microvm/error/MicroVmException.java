/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

import org.jspecify.annotations.Nullable;

/** The root of this library's exceptions, QMP's apart. The message holds the whole report. */
public class MicroVmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient FailureReport report;

    /**
     * Creates one from a headline and the report behind it.
     *
     * @param headline the first line of the message, saying what did not happen
     * @param report what was attempted, in which phase, and what was seen; its text becomes part of the message
     * @param cause what was thrown below; null if nothing was
     */
    public MicroVmException(String headline, FailureReport report, @Nullable Throwable cause) {
        super(report.describe(headline), cause);
        this.report = report;
    }

    /** {@return what was attempted, in which phase, and everything that was seen} */
    public FailureReport report() {
        return report;
    }
}
