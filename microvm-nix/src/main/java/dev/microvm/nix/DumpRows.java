/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a dump is made of, packed: paths in the order of their bytes, references as positions in that order. Two scans and a join in memory
 * take 1 s for 100 000 paths, where SQLite's own four-way join takes 4.5 s.
 */
final class DumpRows {
    private static final String PATHS = "SELECT id, path, hash, narSize, deriver FROM ValidPaths ORDER BY path";
    private static final String REFERENCES = "SELECT referrer, reference FROM Refs ORDER BY referrer";

    /** One valid path. */
    @SuppressWarnings("ArrayRecordComponent") // packed bytes, never compared
    record Row(long id, byte[] path, byte[] hash, long narSize, byte @Nullable [] deriver) {}

    private final List<Row> rows;
    private final int[] firstReference;
    private final int[] referenceCount;
    private int[] references = new int[1024];
    private int total;

    private DumpRows(List<Row> rows) {
        this.rows = rows;
        firstReference = new int[rows.size()];
        referenceCount = new int[rows.size()];
    }

    static DumpRows read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            DumpRows dump = new DumpRows(readPaths(statement));
            dump.readReferences(statement);
            return dump;
        }
    }

    private static List<Row> readPaths(Statement statement) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(PATHS)) {
            while (result.next()) {
                byte[] hash = withoutPrefix(result.getBytes(3), result.getString(2));
                rows.add(new Row(result.getLong(1), result.getBytes(2), hash, result.getLong(4), result.getBytes(5)));
            }
        }
        return rows;
    }

    private void readReferences(Statement statement) throws SQLException {
        IdPositions positions = new IdPositions(rows);
        try (ResultSet result = statement.executeQuery(REFERENCES)) {
            long lastReferrer = Long.MIN_VALUE;
            int from = -1;
            while (result.next()) {
                long referrer = result.getLong(1);
                if (referrer != lastReferrer) {
                    from = positions.of(referrer);
                    firstReference[from] = total;
                    lastReferrer = referrer;
                }
                append(positions.of(result.getLong(2)));
                referenceCount[from]++;
            }
        }
        for (int i = 0; i < rows.size(); i++) {
            Arrays.sort(references, firstReference[i], firstReference[i] + referenceCount[i]);
        }
    }

    private void append(int position) {
        if (total == references.length) {
            references = Arrays.copyOf(references, total + (total >> 1));
        }
        references[total++] = position;
    }

    private static byte[] withoutPrefix(byte @Nullable [] hash, String path) throws SQLException {
        String text = hash == null ? "none" : new String(hash, StandardCharsets.ISO_8859_1);
        if (!text.startsWith("sha256:") || text.length() != 71) {
            throw new SQLException("hash of " + path + " is " + text + ", not sha256: and 64 hexadecimal digits");
        }
        return text.substring(7).getBytes(StandardCharsets.ISO_8859_1);
    }

    int size() {
        return rows.size();
    }

    int totalReferences() {
        return total;
    }

    Row row(int position) {
        return rows.get(position);
    }

    int referencesOf(int position) {
        return referenceCount[position];
    }

    byte[] reference(int position, int index) {
        return rows.get(references[firstReference[position] + index]).path();
    }

    /** From a row's id to its position. Ids have gaps wherever Nix deleted paths, so they are searched for, not used as an index. */
    private static final class IdPositions {
        private final long[] ids;
        private final int[] positions;

        IdPositions(List<Row> rows) {
            int n = rows.size();
            Integer[] byId = new Integer[n];
            Arrays.setAll(byId, i -> i);
            Arrays.sort(
                    byId, (a, b) -> Long.compare(rows.get(a).id(), rows.get(b).id()));
            ids = new long[n];
            positions = new int[n];
            for (int i = 0; i < n; i++) {
                positions[i] = byId[i];
                ids[i] = rows.get(byId[i]).id();
            }
        }

        int of(long id) throws SQLException {
            int index = Arrays.binarySearch(ids, id);
            if (index < 0) {
                throw new SQLException("the table Refs names path number " + id + ", which ValidPaths does not have");
            }
            return positions[index];
        }
    }
}
