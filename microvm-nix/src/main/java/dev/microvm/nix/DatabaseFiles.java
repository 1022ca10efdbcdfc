/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/**
 * What {@code db.sqlite} and its companions looked like at one moment; looked at before and after a read, to know whether it was
 * undisturbed.
 *
 * @param main the database
 * @param wal its write-ahead log, {@link Stat#ABSENT} without one
 * @param sharedMemory whether the log's index {@code -shm} is there
 * @param journal whether a rollback journal holds something: a writer that does not use a log is at work
 */
record DatabaseFiles(Stat main, Stat wal, boolean sharedMemory, boolean journal) {
    /** A change within one tick of the file system's clock (4 ms at 250 Hz, 10 at 100) would not show; so young a file is not trusted. */
    private static final long TICK_MILLIS = 20;

    /** One file's identity and version. */
    record Stat(long device, long inode, long size, FileTime modified, FileTime changed) {
        static final Stat ABSENT = new Stat(0, 0, 0, FileTime.fromMillis(0), FileTime.fromMillis(0));

        static Stat of(Path file) throws IOException {
            try {
                Map<String, Object> all = Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime");
                return new Stat(
                        number(all, "dev"),
                        number(all, "ino"),
                        number(all, "size"),
                        (FileTime) requireNonNull(all.get("lastModifiedTime")),
                        (FileTime) requireNonNull(all.get("ctime")));
            } catch (NoSuchFileException e) {
                return ABSENT;
            }
        }

        private static long number(Map<String, Object> attributes, String name) {
            return ((Number) requireNonNull(attributes.get(name))).longValue();
        }

        boolean exists() {
            return inode != 0;
        }

        /** Compared by hand: up to JDK 17 the equals of a record's own keeps its class loader from ever being collected. */
        boolean sameVersion(Stat other) {
            return sameFile(other)
                    && size == other.size
                    && modified.equals(other.modified)
                    && changed.equals(other.changed);
        }

        boolean sameFile(Stat other) {
            return device == other.device && inode == other.inode;
        }
    }

    /** How the files must be opened so that the newest commit is seen and nothing is left behind. */
    enum Access {
        /** The log holds commits: they are read through its index, whose writer is asked by locks. */
        SHARED,
        /** The log is empty or absent: the file alone is the database. Neither locks nor files are made. */
        IMMUTABLE,
        /** A writer is in the middle of something; look again. */
        UNSETTLED
    }

    static DatabaseFiles of(Path database) throws IOException {
        return new DatabaseFiles(
                Stat.of(database),
                Stat.of(sibling(database, "-wal")),
                Files.exists(sibling(database, "-shm")),
                Stat.of(sibling(database, "-journal")).size() > 0); // journal mode "truncate" keeps an empty one
    }

    static Path sibling(Path database, String suffix) {
        return database.resolveSibling(database.getFileName() + suffix);
    }

    Access access(Instant now) {
        if (journal) {
            return Access.UNSETTLED;
        }
        if (wal.size() > 0) {
            return sharedMemory ? Access.SHARED : Access.UNSETTLED;
        }
        long age = now.toEpochMilli() - main.modified().toMillis();
        return age >= 0 && age < TICK_MILLIS ? Access.UNSETTLED : Access.IMMUTABLE;
    }

    /** In {@link Access#SHARED} a commit may end up in the log during a read, which does not see it; only another database would matter. */
    boolean stillGoodFor(Access access, DatabaseFiles after) {
        if (access == Access.IMMUTABLE) {
            return main.sameVersion(after.main) && wal.size() == after.wal.size() && !after.journal;
        }
        return main.sameFile(after.main);
    }
}
