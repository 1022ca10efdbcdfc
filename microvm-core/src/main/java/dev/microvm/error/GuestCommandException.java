/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.error;

/** A guest command that was required to succeed did not. */
public final class GuestCommandException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    /** The command's exit code, kept when the exception is serialised (the report is not). */
    private final int exitCode;

    /**
     * Creates one from a headline with the command, its exit code and the report, whose stderr tail is the command's.
     *
     * @param headline the first line of the message, naming the command
     * @param exitCode not 0; 128 + n for death by signal n
     * @param report what was attempted, in which phase, and what was seen; its text becomes part of the message
     */
    public GuestCommandException(String headline, int exitCode, FailureReport report) {
        super(headline, report, null);
        this.exitCode = exitCode;
    }

    /** {@return the command's exit code; 128 + n for death by signal n} */
    public int exitCode() {
        return exitCode;
    }
}
