/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a store's set of valid paths has changed: two equal tokens mean the same set. Nix gives every path it registers a
 * new number and never uses one again, so an equal last number says that nothing was added, and then an equal count that nothing was removed.
 * File times tell nothing: a commit goes to the write-ahead log and leaves the database's own alone.
 *
 * <p>Blind to what changes in place, such as a signature added to a path.
 *
 * @param device the device of the database's file
 * @param inode its inode
 * @param lastId the highest number given to a path so far, 0 if none
 * @param paths how many paths are valid
 */
public record StoreToken(long device, long inode, long lastId, long paths) {
    private static final String SQL =
            "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'ValidPaths'), (SELECT count(*) FROM ValidPaths)";

    /** Written out: up to JDK 17 the equals that a record gets by itself keeps a plugin's class loader from ever being collected. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoreToken token
                && device == token.device
                && inode == token.inode
                && lastId == token.lastId
                && paths == token.paths;
    }

    @Override
    public int hashCode() {
        return Objects.hash(device, inode, lastId, paths);
    }

    static StoreToken read(Connection connection, DatabaseFiles files) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SQL)) {
            row.next();
            return new StoreToken(files.main().device(), files.main().inode(), row.getLong(1), row.getLong(2));
        }
    }
}
