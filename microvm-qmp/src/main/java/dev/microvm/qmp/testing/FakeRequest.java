/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpData;
import dev.microvm.qmp.QmpWriter;
import org.jspecify.annotations.Nullable;

/** A command that the fake has received, to look at, and to answer: at once in a step of a script, or later by any thread. */
public final class FakeRequest {
    private final FakeConnection connection;
    private final JsonValue.Obj message;
    private final String text;

    FakeRequest(FakeConnection connection, JsonValue.Obj message, String text) {
        this.connection = connection;
        this.message = message;
        this.text = text;
    }

    /**
     * Returns the command.
     *
     * @return its name, also of one sent out of band; empty if the message has none
     */
    public String command() {
        return message.find("execute")
                .or(() -> message.find("exec-oob"))
                .map(name -> name instanceof JsonValue.Str string ? string.value() : "")
                .orElse("");
    }

    /**
     * Tells how the command was sent.
     *
     * @return whether it was sent out of band, as {@code exec-oob}
     */
    public boolean isOutOfBand() {
        return message.find("exec-oob").isPresent();
    }

    /**
     * Returns what the command was given.
     *
     * @return its arguments; the empty object if there are none
     */
    public JsonValue.Obj arguments() {
        return message.find("arguments").orElse(JsonValue.Obj.EMPTY) instanceof JsonValue.Obj arguments
                ? arguments
                : JsonValue.Obj.EMPTY;
    }

    /**
     * Returns the message as it was sent.
     *
     * @return its text
     */
    public String text() {
        return text;
    }

    /** Answers with the empty object, as commands without a result do. */
    public void reply() {
        reply(JsonValue.Obj.EMPTY);
    }

    /**
     * Answers. To a client that has left nothing is sent.
     *
     * @param result a {@link JsonValue} or a generated type
     */
    public void reply(QmpData result) {
        if (command().equals("qmp_capabilities")) {
            connection.negotiated();
        }
        connection.send(QmpWriter.object(out -> out.member("return", result).member("id", id())));
    }

    /**
     * Refuses the command.
     *
     * @param errorClass the class, such as {@code GenericError}
     * @param desc what a person is told
     */
    public void error(String errorClass, String desc) {
        connection.send(QmpWriter.object(out -> error(out.member("id", id()), errorClass, desc)));
    }

    /**
     * Refuses the command as QEMU does what its JSON parser does not understand: the client is not told what is refused.
     *
     * @param desc what a person is told
     */
    public void errorWithoutId(String desc) {
        connection.send(QmpWriter.object(out -> error(out, "GenericError", desc)));
    }

    private static void error(QmpWriter out, String errorClass, String desc) {
        out.name("error").value(JsonValue.Obj.EMPTY.with("class", errorClass).with("desc", desc));
    }

    /** The id to send back; null if there is none. */
    private @Nullable JsonValue id() {
        return connection.withIds() ? message.members().get("id") : null;
    }

    /**
     * Reports an event to the client of this command, now.
     *
     * @param event the name, such as {@code SHUTDOWN}
     * @param data a {@link JsonValue} or a generated type
     */
    public void emit(String event, QmpData data) {
        connection.emit(event, data);
    }

    /**
     * Sends any bytes to the client of this command, now.
     *
     * @param bytes as they are
     */
    public void send(byte[] bytes) {
        connection.send(bytes);
    }

    FakeConnection connection() {
        return connection;
    }

    @Override
    public String toString() {
        return text;
    }
}
