/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.nix.DatabaseFiles.Access;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * Opens SQLite files. The connection's class is used directly: loading {@code org.sqlite.JDBC} would register it with
 * {@code java.sql.DriverManager}, which holds it (and so a plugin's class loader) for ever, and taking it out again would take it from
 * others who use it.
 *
 * <p>sqlite-jdbc loads native code: Java 24 and later print a warning unless the JVM is started with
 * {@code --enable-native-access=org.xerial.sqlitejdbc} (on the class path {@code ALL-UNNAMED}). A library cannot avoid it.
 */
final class SqliteConnections {
    private static final String PREFIX = "jdbc:sqlite:";
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private SqliteConnections() {}

    /**
     * Opens a database for reading, such that nothing is written to it.
     *
     * <p>{@code readonly_shm} keeps a root caller from writing to the log's index; a normal user cannot anyway.
     * (sqlite.org/uri.html, sqlite.org/walformat.html section 2.3.)
     */
    static Connection openForReading(Path database, Access access) throws SQLException {
        String query = access == Access.IMMUTABLE ? "mode=ro&immutable=1" : "mode=ro&readonly_shm=1";
        Connection connection = open(database, query);
        try {
            connection.setAutoCommit(false); // the first query begins the one read transaction
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Opens an existing database as its own programs do. */
    static Connection openForWriting(Path database) throws SQLException {
        return open(database, "mode=rw");
    }

    private static Connection open(Path database, String query) throws SQLException {
        String name = "file:" + percentEncoded(database.toAbsolutePath().toString()) + "?" + query;
        Properties settings = new Properties();
        settings.setProperty("busy_timeout", "5000");
        // The index over all paths is 8 MB for 100 000 of them; SQLite's default cache of 2 MB would read it again for
        // each count.
        settings.setProperty("cache_size", "-32000");
        return new JDBC4Connection(PREFIX + name, name, settings);
    }

    /** {@return a text in which only what has no meaning in a URI stands for itself} */
    static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= 0 && UNRESERVED.indexOf(b) >= 0) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX[(b >> 4) & 0xf]).append(HEX[b & 0xf]);
            }
        }
        return encoded.toString();
    }
}
