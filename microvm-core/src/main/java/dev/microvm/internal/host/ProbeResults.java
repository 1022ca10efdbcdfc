/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Remembers what probes found. A result is kept under a hash of everything it depends on, so nothing needs to be invalidated; a cache
 * that cannot be read or written costs time and nothing else.
 */
final class ProbeResults {
    private static final long MAX_BYTES = 256 * 1024;

    private final SizedCache cache;

    ProbeResults(CacheFolder folder) {
        this.cache = folder.sized("probes", MAX_BYTES);
    }

    Optional<String> find(String kind, List<String> dependsOn) {
        try {
            Optional<Path> file = cache.find(key(kind, dependsOn));
            return file.isPresent() ? Optional.of(Files.readString(file.get())) : Optional.empty();
        } catch (IOException e) {
            System.getLogger(ProbeResults.class.getName())
                    .log(System.Logger.Level.DEBUG, "a remembered probe cannot be read", e);
            return Optional.empty();
        }
    }

    void remember(String kind, List<String> dependsOn, String result) throws InterruptedException {
        try {
            cache.put(key(kind, dependsOn), file -> Files.writeString(file, result));
        } catch (UncheckedIOException e) {
            System.getLogger(ProbeResults.class.getName())
                    .log(System.Logger.Level.DEBUG, "the result of a probe cannot be kept", e);
        }
    }

    /** Parts are separated by NUL, which no path holds. */
    private static String key(String kind, List<String> dependsOn) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\0", dependsOn).getBytes(StandardCharsets.UTF_8));
            return kind + "-" + HexFormat.of().formatHex(hash, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** {@return what tells one state of a program's file from another: path, time of change, size, inode} */
    static List<String> identityOf(Path program) throws IOException {
        List<String> identity = new ArrayList<>();
        identity.add(program.toString());
        for (String attribute : List.of("lastModifiedTime", "size", "ino")) {
            identity.add(String.valueOf(Files.getAttribute(program, "unix:" + attribute)));
        }
        return identity;
    }
}
