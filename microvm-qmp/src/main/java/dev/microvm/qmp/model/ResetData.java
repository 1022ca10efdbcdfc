/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;

/**
 * The data of {@link ResetEvent}.
 *
 * @param guest whether the guest caused it
 * @param reason the cause
 */
public record ResetData(boolean guest, ShutdownCause reason) {

    /**
     * Reads it.
     *
     * @param reader stands before the object
     * @return the value
     * @throws QmpProtocolException if it is not of this form
     */
    public static ResetData read(QmpReader reader) {
        Boolean guest = null;
        ShutdownCause reason = null;
        reader.beginObject();
        while (reader.nextMember()) {
            switch (reader.name()) {
                case "guest" -> guest = reader.bool();
                case "reason" -> reason = ShutdownCause.of(reader.string());
                default -> {}
            }
        }
        return new ResetData(reader.require(guest, "guest"), reader.require(reason, "reason"));
    }
}
