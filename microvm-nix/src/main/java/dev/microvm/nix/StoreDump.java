/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The valid paths of a store at one moment, in the text that {@code nix-store --dump-db} prints and {@code nix-store --load-db} reads, byte for
 * byte. It is taken from the database in one read, commits in the write-ahead log included; no file time is ever asked whether an older
 * one would do. It does not change afterwards, can be written any number of times, by several threads at once.
 *
 * <p>The format carries no signatures, content addresses and registration times. A dump of 100 000 paths with a million references takes about 35 MB
 * of memory while it exists, and is 80 MB of text.
 */
public final class StoreDump {
    private final StoreToken token;
    private final DumpRows rows;

    private StoreDump(StoreToken token, DumpRows rows) {
        this.token = token;
        this.rows = rows;
    }

    /**
     * {@return all valid paths of a database, as of now}
     *
     * @param database read in one go and not held open; what Nix adds later is not in the dump
     * @throws NixException if there is no readable database of the supported layout, or no quiet moment within its limit
     */
    public static StoreDump of(StoreDatabase database) {
        return database.read(
                "dump " + database.file(),
                (connection, files) -> new StoreDump(StoreToken.read(connection, files), DumpRows.read(connection)));
    }

    /** {@return how many paths it holds} */
    public long paths() {
        return rows.size();
    }

    /** {@return how many references between them it holds} */
    public long references() {
        return rows.totalReferences();
    }

    /** {@return the set of paths it holds; equal to {@link StoreDatabase#token()} as long as the store has no others} */
    public StoreToken token() {
        return token;
    }

    /** {@return the text, made while it is read; one thread only} */
    public InputStream newInputStream() {
        return new DumpInputStream(rows);
    }

    /**
     * Writes the text.
     *
     * @param out where to; neither flushed nor closed
     * @return the number of bytes written
     * @throws IOException if the stream throws it
     */
    public long writeTo(OutputStream out) throws IOException {
        byte[] block = new byte[1 << 16];
        long written = 0;
        InputStream text = newInputStream();
        for (int n = text.read(block); n >= 0; n = text.read(block)) {
            out.write(block, 0, n);
            written += n;
        }
        return written;
    }
}
