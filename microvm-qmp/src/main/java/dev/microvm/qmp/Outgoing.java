/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.io.FileDescriptor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A command as it is to be sent, but for its id. */
record Outgoing(String command, ByteBuffer upToId, boolean outOfBand, Optional<FileDescriptor> descriptor) {

    static Outgoing inBand(QmpCommand<?> command) {
        return of(command, "execute", Optional.empty());
    }

    static Outgoing outOfBand(QmpOobCommand<?> command) {
        return of(command, "exec-oob", Optional.empty());
    }

    static Outgoing with(FileDescriptor descriptor, QmpCommand<?> command) {
        return of(command, "execute", Optional.of(descriptor));
    }

    private static Outgoing of(QmpCommand<?> command, String verb, Optional<FileDescriptor> descriptor) {
        return new Outgoing(
                command.name(),
                ByteBuffer.wrap(QmpWriter.commandUpToId(verb, command)),
                verb.equals("exec-oob"),
                descriptor);
    }

    /** The message as a value, for messages about it; empty if it is one that can be written but not read: a number of 2000 digits. */
    JsonValue message() {
        try {
            return JsonValue.parse(
                    StandardCharsets.UTF_8.decode(upToId.duplicate()).toString() + "0}");
        } catch (IllegalArgumentException e) {
            return JsonValue.Obj.EMPTY;
        }
    }

    ByteBuffer bytes(int id) {
        byte[] idAndEnd = (id + "}").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(upToId.remaining() + idAndEnd.length)
                .put(upToId.duplicate())
                .put(idAndEnd)
                .flip();
    }
}
