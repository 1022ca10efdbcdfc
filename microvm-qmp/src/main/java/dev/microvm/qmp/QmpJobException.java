/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** A job of QEMU failed, was cancelled, or can no longer come to the status that was waited for. */
public final class QmpJobException extends QmpException {
    private static final long serialVersionUID = 1L;

    /** The job's id, kept when the exception is serialised. */
    private final String job;
    /** The job's own words, kept when the exception is serialised. */
    private final String error;

    QmpJobException(String job, String what, String error) {
        super("the job '" + job + "' " + what + (error.isEmpty() ? "" : ": " + error), null);
        this.job = job;
        this.error = error;
    }

    /**
     * Returns the job.
     *
     * @return its id
     */
    public String job() {
        return job;
    }

    /**
     * Returns why it failed, in QEMU's own words: "Operation canceled" for one that was cancelled.
     *
     * @return the words; empty if it did not fail, or dismissed itself before it told them
     */
    public String error() {
        return error;
    }
}
