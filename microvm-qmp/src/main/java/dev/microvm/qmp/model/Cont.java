/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpReader;

/** The command {@code cont}: lets a halted guest run on. */
public record Cont() implements QmpCommand<QmpEmpty> {
    /** The name on the wire. */
    public static final String NAME = "cont";

    /**
     * Returns the command.
     *
     * @return the command
     */
    public static Cont of() {
        return new Cont();
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
