/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpReader;
import java.util.List;

/** The command {@code query-commands}: which commands this QEMU knows. */
public record QueryCommands() implements QmpCommand<List<CommandInfo>> {
    /** The name on the wire. */
    public static final String NAME = "query-commands";

    /**
     * Returns the command.
     *
     * @return the command
     */
    public static QueryCommands of() {
        return new QueryCommands();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<CommandInfo> read(QmpReader result) {
        return result.list(CommandInfo::read);
    }
}
