/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpReader;

/** The command {@code stop}: halts the guest's processors. */
public record Stop() implements QmpCommand<QmpEmpty> {
    /** The name on the wire. */
    public static final String NAME = "stop";

    /**
     * Returns the command.
     *
     * @return the command
     */
    public static Stop of() {
        return new Stop();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public QmpEmpty read(QmpReader result) {
        return QmpEmpty.read(result);
    }
}
