/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpReader;

/** The command {@code query-status}: whether the guest runs, and if not, why. */
public record QueryStatus() implements QmpCommand<StatusInfo> {
    /** The name on the wire. */
    public static final String NAME = "query-status";

    /**
     * Returns the command.
     *
     * @return the command
     */
    public static QueryStatus of() {
        return new QueryStatus();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public StatusInfo read(QmpReader result) {
        return StatusInfo.read(result);
    }
}
