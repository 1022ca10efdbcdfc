/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;

/**
 * One item of the result of {@link QueryCommands}.
 *
 * @param name the command
 */
public record CommandInfo(String name) {

    /**
     * Reads it.
     *
     * @param reader stands before the object
     * @return the value
     * @throws QmpProtocolException if it is not of this form
     */
    public static CommandInfo read(QmpReader reader) {
        String name = null;
        reader.beginObject();
        while (reader.nextMember()) {
            switch (reader.name()) {
                case "name" -> name = reader.string();
                default -> {}
            }
        }
        return new CommandInfo(reader.require(name, "name"));
    }
}
