/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/** A store's database as Nix makes it, without Nix: for what Nix itself would not put into one. */
final class SampleStore {
    private final NixStore store;

    private SampleStore(NixStore store) {
        this.store = store;
    }

    /** An empty database in write-ahead mode, at rest. */
    static SampleStore create(Path folder) throws IOException, SQLException {
        SampleStore sample = new SampleStore(NixStore.privateStore(folder));
        Path db = sample.database().file();
        Files.createDirectories(db.getParent());
        Files.createDirectories(sample.store.physicalStore());
        Files.writeString(db.resolveSibling("schema"), "10");
        Files.createFile(db);
        try (Connection connection = sample.writer();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = wal");
            statement.execute(
                    "CREATE TABLE ValidPaths (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, path TEXT UNIQUE NOT NULL,"
                            + " hash TEXT NOT NULL, registrationTime INTEGER NOT NULL, deriver TEXT, narSize INTEGER, ultimate INTEGER,"
                            + " sigs TEXT, ca TEXT)");
            statement.execute(
                    "CREATE TABLE Refs (referrer INTEGER NOT NULL, reference INTEGER NOT NULL, PRIMARY KEY (referrer, reference))");
            statement.execute("CREATE TABLE SomethingOfALaterNix (x TEXT)");
        }
        return sample;
    }

    /** An existing database. */
    static SampleStore at(Path folder) {
        return new SampleStore(NixStore.privateStore(folder));
    }

    NixStore store() {
        return store;
    }

    StoreDatabase database() {
        return store.database();
    }

    Connection writer() throws SQLException {
        Connection connection = SqliteConnections.openForWriting(database().file());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = off"); // a test's database need not survive a power cut
        }
        return connection;
    }

    /** Registers rows in an order of their own; ids may have gaps. */
    void register(List<DumpRecord> records) throws SQLException {
        try (Connection connection = writer()) {
            connection.setAutoCommit(false);
            insert(connection, records);
            connection.commit();
        }
    }

    static void insert(Connection connection, List<DumpRecord> records) throws SQLException {
        try (PreparedStatement path = connection.prepareStatement(
                "INSERT INTO ValidPaths (path, hash, registrationTime, deriver, narSize) VALUES (?, ?, 1, ?, ?)")) {
            for (DumpRecord record : records) {
                path.setString(1, record.path());
                path.setString(2, "sha256:" + record.hash());
                path.setString(3, record.deriver().isEmpty() ? null : record.deriver());
                if (record.narSize() == 0) {
                    path.setNull(4, java.sql.Types.INTEGER);
                } else {
                    path.setLong(4, record.narSize());
                }
                path.executeUpdate();
            }
        }
        String sql =
                "INSERT INTO Refs SELECT a.id, b.id FROM ValidPaths a, ValidPaths b WHERE a.path = ? AND b.path = ?";
        try (PreparedStatement reference = connection.prepareStatement(sql)) {
            for (DumpRecord record : records) {
                for (String target : record.references()) {
                    reference.setString(1, record.path());
                    reference.setString(2, target);
                    reference.executeUpdate();
                }
            }
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = writer();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Every file beside the database with its bytes. */
    static Map<String, String> files(StoreDatabase database) throws IOException {
        try (var files = Files.list(database.file().getParent())) {
            Map<String, String> seen = new java.util.TreeMap<>();
            for (Path file : files.toList()) {
                seen.put(
                        file.getFileName().toString(),
                        Files.size(file) + " " + java.util.Arrays.hashCode(Files.readAllBytes(file)));
            }
            return seen;
        }
    }
}
