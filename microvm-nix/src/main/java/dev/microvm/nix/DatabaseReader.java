/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.nix.DatabaseFiles.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs one read of a database that others write to: in one transaction, without writing to the database, without leaving a file. How it is
 * opened depends on what stands beside it at that moment; when that turns out to have changed, the read is done again.
 */
final class DatabaseReader {
    /** SQLite's primary result codes that only say "not now": BUSY, LOCKED, READONLY (the log's index), CANTOPEN, PROTOCOL, SCHEMA. */
    private static final Set<Integer> TRANSIENT = Set.of(5, 6, 8, 14, 15, 17);

    private static final Duration PAUSE = Duration.ofMillis(10);

    private final Path database;
    private final Duration limit;

    /** @param limit how long to try again while others are in the middle of something */
    DatabaseReader(Path database, Duration limit) {
        this.database = database;
        this.limit = limit;
    }

    /** A read within one transaction. It may be done again, so it has no other effects than its result. */
    @FunctionalInterface
    interface Query<T> {
        T read(Connection connection, DatabaseFiles files) throws SQLException;
    }

    /**
     * {@return what the query returned}
     *
     * @throws NixException if it fails, or the database is not at rest within the limit
     * @throws VmCancelledException if the thread is interrupted
     */
    <T> T read(String attempted, Query<T> query) {
        long begin = System.nanoTime();
        String last = "";
        do {
            if (Thread.currentThread().isInterrupted()) {
                throw new VmCancelledException(
                        "interrupted while reading " + database, report(attempted, begin, last, ""), null);
            }
            try {
                DatabaseFiles before = DatabaseFiles.of(database);
                requireReadable(before, attempted, begin);
                Access access = before.access(Instant.now());
                if (access != Access.UNSETTLED) {
                    T result = attempt(query, before, access);
                    if (before.stillGoodFor(access, DatabaseFiles.of(database))) {
                        return result;
                    }
                }
                last = "written to by another program: " + before;
            } catch (SQLException e) {
                if (!TRANSIENT.contains(e.getErrorCode() & 0xff)) {
                    throw failure("cannot read " + database, attempted, begin, e.toString(), e);
                }
                last = e.toString();
            } catch (IOException e) {
                throw failure("cannot look at " + database, attempted, begin, e.toString(), e);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        } while (System.nanoTime() - begin < limit.toNanos());
        throw failure(
                "no quiet moment within " + limit.toMillis() + " ms to read " + database, attempted, begin, last, null);
    }

    private <T> T attempt(Query<T> query, DatabaseFiles before, Access access) throws SQLException, IOException {
        try (Connection connection = SqliteConnections.openForReading(database, access)) {
            return query.read(connection, before);
        } catch (SQLException e) {
            if (!before.stillGoodFor(access, DatabaseFiles.of(database))) {
                throw new SQLException("the database changed during the read", null, 5, e);
            }
            throw e;
        } finally {
            if (access == Access.SHARED) {
                removeOwnFiles(before);
            }
        }
    }

    /**
     * The log was there when we looked. If its writer closed it before SQLite opened it, SQLite has made a new one where the caller may
     * (root): it is removed by SQLite itself, which does so when the last connection closes and nobody else has the database open.
     */
    private void removeOwnFiles(DatabaseFiles before) throws SQLException, IOException {
        DatabaseFiles.Stat now = DatabaseFiles.of(database).wal();
        boolean newAndEmpty =
                now.exists() && now.size() == 0 && now.inode() != before.wal().inode();
        if (newAndEmpty && Files.isWritable(database)) {
            removeEmptyLog(database);
        }
    }

    /** Opens and closes the database as its own programs do; an empty log and its index are gone then, nothing else has changed. */
    static void removeEmptyLog(Path database) throws SQLException {
        try (Connection connection = SqliteConnections.openForWriting(database);
                var statement = connection.createStatement()) {
            statement.executeQuery("SELECT count(*) FROM sqlite_master").close();
        }
    }

    private void requireReadable(DatabaseFiles files, String attempted, long begin) {
        if (!files.main().exists()) {
            throw new NixException(
                    "there is no Nix database " + database,
                    report(
                            attempted,
                            begin,
                            "no such file",
                            "name an existing store; Nix makes the database when a store is first used"),
                    null);
        }
        if (!Files.isReadable(database)) {
            throw new NixException(
                    "the Nix database " + database + " cannot be read",
                    report(
                            attempted,
                            begin,
                            "permission denied",
                            "run as a user who may read it, or chmod a+r " + database),
                    null);
        }
    }

    private NixException failure(
            String headline, String attempted, long begin, String last, @Nullable Throwable cause) {
        return new NixException(headline, report(attempted, begin, last, "try: nix-store --dump-db"), cause);
    }

    private static FailureReport report(String attempted, long begin, String last, String hint) {
        return FailureReport.of(attempted, Phase.SERVICES, Duration.ofNanos(System.nanoTime() - begin), last, hint);
    }
}
