/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The database of a Nix store, read without Nix and without disturbing it: nothing is written, no lock of Nix is taken, no file is left beside
 * it. Each method is one read of its own, sees everything committed before it (the write-ahead log included), and leaves the database
 * closed. Safe for use by several threads.
 *
 * <p>Only the tables {@code ValidPaths} and {@code Refs} are used, which Nix 2.0 to 2.36 have alike; others are ignored.
 *
 * <p>Where a Nix process closes its connection during one of these reads, its {@code -wal} file stays until the next Nix process closes: SQLite
 * cannot tidy up under a reader.
 *
 * <p>SQLite is native code: from Java 24 on the JVM says so once in four lines on standard error, unless it was started with
 * {@code --enable-native-access=org.xerial.sqlitejdbc} ({@code ALL-UNNAMED} on the class path).
 */
public final class StoreDatabase {
    /** Nix' own number for this layout, the content of the file {@code schema}. */
    static final String SCHEMA = "10";

    /** A commit of Nix takes milliseconds, the checkpoint of a large log well under this. */
    private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

    private final NixStore store;
    private final Duration limit;

    private StoreDatabase(NixStore store, Duration limit) {
        this.store = store;
        this.limit = limit;
    }

    /**
     * {@return a store's database; it waits up to 10 s for writers who are in the middle of something}
     *
     * @param store need not have a database yet; that is found out when it is read
     */
    public static StoreDatabase of(NixStore store) {
        return new StoreDatabase(store, DEFAULT_LIMIT);
    }

    /**
     * {@return the same database with another limit on waiting for writers}
     *
     * @param limit how long a read waits for a quiet moment; default 10 s
     */
    public StoreDatabase withLimit(Duration limit) {
        return new StoreDatabase(store, limit);
    }

    /** {@return the store it belongs to} */
    public NixStore store() {
        return store;
    }

    /** {@return the database's file, {@code db/db.sqlite} in the state folder} */
    public Path file() {
        return store.stateFolder().resolve("db/db.sqlite");
    }

    /**
     * {@return how many paths are valid}
     *
     * @throws NixException if there is no readable database of the supported layout, or no quiet moment within the limit
     */
    public long paths() {
        return token().paths();
    }

    /**
     * {@return which set of valid paths the database holds now}
     *
     * @throws NixException if there is no readable database of the supported layout, or no quiet moment within the limit
     */
    public StoreToken token() {
        return read("read the change token of " + file(), StoreToken::read);
    }

    /**
     * {@return whether a store path is valid}
     *
     * @param storePath a path {@code /nix/store/HASH-NAME}
     * @throws IllegalArgumentException if it is no store path
     * @throws NixException if there is no readable database of the supported layout, or no quiet moment within the limit
     */
    public boolean isValid(String storePath) {
        String sql = "SELECT path FROM ValidPaths WHERE path = ?";
        return !strings("look up " + storePath, sql, StorePath.check(storePath)).isEmpty();
    }

    /**
     * {@return the store paths that a path refers to, itself included where it does, sorted; empty if the path is not valid}
     *
     * @param storePath a path {@code /nix/store/HASH-NAME}
     * @throws IllegalArgumentException if it is no store path
     * @throws NixException if there is no readable database of the supported layout, or no quiet moment within the limit
     */
    public List<String> references(String storePath) {
        String sql =
                "SELECT t.path FROM ValidPaths f JOIN Refs r ON r.referrer = f.id JOIN ValidPaths t ON t.id = r.reference"
                        + " WHERE f.path = ? ORDER BY t.path";
        return strings("read the references of " + storePath, sql, StorePath.check(storePath));
    }

    /** One read of the caller's, in one transaction, after the layout was checked. */
    <T> T read(String attempted, DatabaseReader.Query<T> query) {
        requireSchema(attempted);
        return new DatabaseReader(file(), limit).read(attempted, query);
    }

    private List<String> strings(String attempted, String sql, String argument) {
        return read(attempted, (connection, files) -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, argument);
                try (ResultSet rows = statement.executeQuery()) {
                    return texts(rows);
                }
            }
        });
    }

    private static List<String> texts(ResultSet rows) throws SQLException {
        List<String> found = new ArrayList<>();
        while (rows.next()) {
            found.add(rows.getString(1));
        }
        return List.copyOf(found);
    }

    private void requireSchema(String attempted) {
        Path file = file().resolveSibling("schema");
        String seen;
        try {
            seen = Files.readString(file).strip();
        } catch (IOException e) {
            throw new NixException(
                    "no Nix database in " + file.getParent(),
                    report(
                            attempted,
                            e.toString(),
                            "name an existing store; Nix makes the database when a store is first used"),
                    e);
        }
        if (!seen.equals(SCHEMA)) {
            throw new NixException(
                    "the Nix database in " + file.getParent() + " has schema " + seen + ", not " + SCHEMA,
                    report(
                            attempted,
                            "schema = " + seen,
                            "use a Nix of 2.0 or later, or a newer version of this library"),
                    null);
        }
    }

    private static FailureReport report(String attempted, String last, String hint) {
        return FailureReport.of(attempted, Phase.SERVICES, Duration.ZERO, last, hint);
    }
}
