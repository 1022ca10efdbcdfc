/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpReader;

/** The command {@code quit}: ends QEMU at once, without asking the guest. */
public record Quit() implements QmpCommand<QmpEmpty> {
    /** The name on the wire. */
    public static final String NAME = "quit";

    /**
     * Returns the command.
     *
     * @return the command
     */
    public static Quit of() {
        return new Quit();
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
