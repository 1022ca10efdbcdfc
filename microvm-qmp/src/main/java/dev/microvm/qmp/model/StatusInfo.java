/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;

/**
 * The result of {@link QueryStatus}.
 *
 * @param running whether the guest's processors run
 * @param status the state, in more detail
 */
public record StatusInfo(boolean running, RunState status) {

    /**
     * Reads it.
     *
     * @param reader stands before the object
     * @return the value
     * @throws QmpProtocolException if it is not of this form
     */
    public static StatusInfo read(QmpReader reader) {
        Boolean running = null;
        RunState status = null;
        reader.beginObject();
        while (reader.nextMember()) {
            switch (reader.name()) {
                case "running" -> running = reader.bool();
                case "status" -> status = RunState.of(reader.string());
                default -> {}
            }
        }
        return new StatusInfo(reader.require(running, "running"), reader.require(status, "status"));
    }
}
