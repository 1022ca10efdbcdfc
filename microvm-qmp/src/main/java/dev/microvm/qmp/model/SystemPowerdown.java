/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpReader;

/** The command {@code system_powerdown}: presses the guest's power button. Whether the guest obeys is its own affair. */
public record SystemPowerdown() implements QmpCommand<QmpEmpty> {
    /** The name on the wire. */
    public static final String NAME = "system_powerdown";

    /**
     * Returns the command.
     *
     * @return the command
     */
    public static SystemPowerdown of() {
        return new SystemPowerdown();
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
