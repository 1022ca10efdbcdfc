/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.guest.GuestInput;
import dev.microvm.qmp.internal.transport.UnixConnection;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Writes a command's standard input: first {@code go NONCE}, without which the guest cannot tell a port that is not connected yet from
 * one that has come to its end; at last the end of our side only, for a full close would lose what QEMU has not read yet.
 */
final class InputFeeder {
    private final UnixConnection connection;
    private final String nonce;
    private boolean broken;

    InputFeeder(UnixConnection connection, String nonce) {
        this.connection = connection;
        this.nonce = nonce;
    }

    /** Writes everything. Where the command ends before it has read all, the connection is closed under us, which is no failure. */
    void feed(GuestInput input, Consumer<Throwable> failed) {
        try {
            OutputStream out = new BufferedOutputStream(new Writing(), 65_536);
            out.write(("go " + nonce + "\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
            input.writeTo(out);
            out.flush();
            connection.shutdownOutput();
        } catch (Throwable e) { // a user's input may throw anything
            if (!broken) {
                failed.accept(e);
            }
        }
    }

    private final class Writing extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                connection.write(ByteBuffer.wrap(bytes, offset, length));
            } catch (IOException e) {
                broken = true;
                throw e;
            }
        }
    }
}
