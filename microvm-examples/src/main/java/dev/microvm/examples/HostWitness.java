/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.nix.NixStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the host looks like, so that it can be compared before and after.
 *
 * @param storeEntries the store's paths: kind, size and time of each, but not what is in them, for a store has hundreds of thousands of files
 * @param storeContent the paths that the guest was shown, with all in them: modes and bytes
 * @param databaseFiles the store database's files: modes and bytes
 */
record HostWitness(
        Map<String, String> storeEntries, Map<String, String> storeContent, Map<String, String> databaseFiles) {
    static HostWitness of(NixStore store, StoreContent content) throws IOException {
        Map<String, String> shown = new TreeMap<>();
        for (String path : List.of(content.greeting(), content.letter())) {
            shown.putAll(contents(store.physical(path)));
        }
        return new HostWitness(
                entries(store.physicalStore()),
                shown,
                contents(store.stateFolder().resolve("db")));
    }

    private static Map<String, String> entries(Path folder) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                BasicFileAttributes attributes =
                        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                entries.put(
                        file.getFileName().toString(),
                        attributes.isDirectory() + " " + attributes.size() + " " + attributes.lastModifiedTime());
            }
        }
        return entries;
    }

    private static Map<String, String> contents(Path tree) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.toList()) {
                int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                contents.put(file.toString(), Integer.toOctalString(mode) + " " + content(file));
            }
        }
        return contents;
    }

    private static String content(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return "-> " + Files.readSymbolicLink(file);
        }
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? digest(file) : "";
    }

    private static String digest(Path file) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
