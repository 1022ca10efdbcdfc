/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.io.IOException;
import java.util.List;

/** The guest could not do a step of its mount plan; the VM and the connection to it are as they were. */
public final class StepFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String step;
    private final int exitCode;

    @SuppressWarnings("serial") // what List.copyOf returns can be serialized
    private final List<String> output;

    StepFailedException(String step, int exitCode, List<String> output) {
        super("the guest failed at: " + step + ": "
                + (output.isEmpty() ? "it ended with exit code " + exitCode : String.join("; ", output)));
        this.step = step;
        this.exitCode = exitCode;
        this.output = List.copyOf(output);
    }

    /** {@return the step's name, as {@code MountPlan.Step.name()} gives it} */
    public String step() {
        return step;
    }

    /** {@return the exit code of the step's script, never 0} */
    public int exitCode() {
        return exitCode;
    }

    /** {@return the lines the guest said, which may be none} */
    public List<String> output() {
        return output;
    }
}
