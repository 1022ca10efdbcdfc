/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** A command of which only the name is known. */
record RawCommand(String name, JsonValue.Obj arguments) implements QmpCommand<JsonValue> {
    @Override
    public void writeMembers(QmpWriter out) {
        arguments.members().forEach(out::member);
    }

    @Override
    public JsonValue read(QmpReader result) {
        return result.value();
    }
}
