/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpException;
import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file that the agent has opened in the guest. It stays open there until it is closed, also when the connection to the agent is lost in
 * between. Each call throws what {@link GuestAgent#executeRaw(String, JsonValue.Obj)} throws.
 */
public final class GuestFile implements AutoCloseable {
    /** QEMU's agent takes more, but each message is held in memory, some times over, by both sides. */
    private static final int WRITE_BYTES = 1 << 20;

    private final GuestAgent agent;
    private final long handle;
    private final AtomicBoolean closed = new AtomicBoolean();

    GuestFile(GuestAgent agent, long handle) {
        this.agent = agent;
        this.handle = handle;
    }

    private JsonValue.Obj arguments() {
        return JsonValue.Obj.EMPTY.with("handle", handle);
    }

    /**
     * Reads on from where the last call ended ({@code guest-file-read}).
     *
     * @param max how many bytes at most, 1 or more; QEMU's agent allows 48 MiB, and {@link dev.microvm.qmp.QmpOptions#maxReplyBytes()} must
     *     hold 4/3 of it
     * @return the bytes; none at the end of the file
     * @throws QmpException if it fails, as for {@link GuestAgent#executeRaw(String, JsonValue.Obj)}
     */
    public byte[] read(int max) {
        QmpReader in =
                QmpReader.of(agent.executeRaw("guest-file-read", arguments().with("count", max)));
        try {
            return Base64.getDecoder().decode(in.string("buf-b64"));
        } catch (IllegalArgumentException e) {
            throw new QmpProtocolException("guest-file-read returned something that is not Base64", e);
        }
    }

    /**
     * Writes all bytes at where the last call ended ({@code guest-file-write}, as often as it takes). They are in the file when it is closed.
     *
     * @param bytes any number
     * @throws QmpException if it fails, as for {@link GuestAgent#executeRaw(String, JsonValue.Obj)}; some bytes may be written then
     */
    public void write(byte[] bytes) {
        int from = 0;
        while (from < bytes.length) {
            byte[] part = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + WRITE_BYTES));
            JsonValue.Obj arguments =
                    arguments().with("buf-b64", Base64.getEncoder().encodeToString(part));
            long written = QmpReader.of(agent.executeRaw("guest-file-write", arguments))
                    .integer("count");
            if (written < 1 || written > part.length) {
                throw new QmpProtocolException(
                        "guest-file-write claims to have written " + written + " of " + part.length + " bytes", null);
            }
            from += (int) written;
        }
    }

    /**
     * Closes the file in the guest ({@code guest-file-close}). Closing again does nothing.
     *
     * @throws QmpException if it fails, as for {@link GuestAgent#executeRaw(String, JsonValue.Obj)}; what was written may be lost then
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            agent.executeRaw("guest-file-close", arguments());
        }
    }
}
