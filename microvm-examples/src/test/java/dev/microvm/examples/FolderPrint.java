/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A fingerprint of all in a folder, taken by the tests and not by what they test: owner and mode of each entry; of files size, time and
 * bytes too. A folder's time tells of a file that came and went, as SQLite's do whenever nix asks its database.
 */
final class FolderPrint {
    private FolderPrint() {}

    /** {@return a line for each file, by its relative path} */
    static TreeMap<String, String> of(Path folder) throws IOException {
        TreeMap<String, String> lines = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                String attributes = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                        ? "unix:uid,gid,mode"
                        : "unix:uid,gid,mode,size,lastModifiedTime";
                lines.put(
                        folder.relativize(file).toString(),
                        new TreeMap<>(Files.readAttributes(file, attributes, LinkOption.NOFOLLOW_LINKS)) + " "
                                + bytes(file));
            }
        }
        return lines;
    }

    private static String bytes(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return Files.readSymbolicLink(file).toString();
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return "";
        }
        byte[] content = Files.readAllBytes(file);
        CRC32C sum = new CRC32C();
        sum.update(content);
        return Long.toHexString(sum.getValue()) + " " + Arrays.hashCode(content);
    }
}
