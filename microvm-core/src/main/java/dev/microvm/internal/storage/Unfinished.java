/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/** The names that things have until they are complete, and what starts that were killed have left under them. */
final class Unfinished {
    private static final Pattern NAME = Pattern.compile("\\.microvm-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** Another start may be at work on what is younger, which takes it {@link FolderStep#LIMIT} at most; the rest is for clocks that differ. */
    static final Duration AGE = Duration.ofHours(1);

    /** A folder may hold millions; what is left is found by the next start then, or the one after. */
    private static final int MOST_LOOKED_AT = 10_000;

    private Unfinished() {}

    /** {@return a name that nobody knows before it is used} */
    static Path newName() {
        return Path.of(".microvm-" + UUID.randomUUID());
    }

    /**
     * Removes what killed starts have left in a folder: empty directories and files with a {@link #newName} that are old. A folder that cannot
     * be listed, or where this user may remove nothing, is no failure: nobody misses what would have gone.
     */
    static void collect(SecureDirectoryStream<Path> folder, Instant now) {
        int looked = 0;
        try {
            for (Path entry : folder) {
                if (++looked > MOST_LOOKED_AT) {
                    return;
                }
                Path name = entry.getFileName();
                if (name != null && NAME.matcher(name.toString()).matches()) {
                    remove(folder, name, now.minus(AGE));
                }
            }
        } catch (DirectoryIteratorException e) {
            // as above
        }
    }

    /** Removes what is not to be finished. What cannot be removed now is collected by a later start. */
    static void discard(SecureDirectoryStream<Path> folder, Path name) {
        remove(folder, name, Instant.MAX);
    }

    private static void remove(SecureDirectoryStream<Path> folder, Path name, Instant before) {
        try {
            BasicFileAttributes attributes = folder.getFileAttributeView(
                            name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
            if (attributes.lastModifiedTime().toInstant().isAfter(before)) {
                return;
            }
            if (attributes.isDirectory()) {
                folder.deleteDirectory(name);
            } else {
                folder.deleteFile(name);
            }
        } catch (IOException e) {
            // not there, not empty, or not this user's to remove
        }
    }
}
