/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** A command of which only the name is known. */
record RawCommand(String name, JsonValue.Obj arguments) implements QmpCommand<JsonValue> {
    @Override
    public void write(QmpWriter writer) {
        arguments.members().forEach((name, value) -> writer.name(name).value(value));
    }

    @Override
    public JsonValue read(QmpReader result) {
        return result.value();
    }
}
