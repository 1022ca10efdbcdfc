/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spi;

import java.util.List;

/** A {@link HostService} did not come up. The start sequence turns it into a {@code VmStartException} with everything around it. */
public final class ServiceFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> stderrTail;
    /** The cure, kept when the exception is serialised (the lines are not). */
    private final String hint;

    /**
     * Creates one.
     *
     * @param message what did not happen
     * @param stderrTail the last lines of the program's standard error; may be empty
     * @param hint the cure, as far as it is known; may be empty
     */
    public ServiceFailedException(String message, List<String> stderrTail, String hint) {
        super(message);
        this.stderrTail = List.copyOf(stderrTail);
        this.hint = hint;
    }

    /** {@return the last lines of the program's standard error} */
    public List<String> stderrTail() {
        return stderrTail;
    }

    /** {@return the cure, as far as it is known} */
    public String hint() {
        return hint;
    }
}
