/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The user this JVM runs as.
 *
 * @param uid the effective user id
 * @param gid the effective group id
 * @param name the name the host knows it by; its number where it has none
 */
record Caller(int uid, int gid, String name) {
    /** {@return the user of this JVM, read from the owner of its folder in {@code /proc} (proc(5))} */
    static Caller current() {
        try {
            Path self = Path.of("/proc/self");
            int uid = id(self, "unix:uid");
            String name = System.getProperty("user.name", "?");
            return new Caller(uid, id(self, "unix:gid"), name.equals("?") ? Integer.toString(uid) : name);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell the user from /proc/self", e);
        }
    }

    private static int id(Path file, String attribute) throws IOException {
        return Integer.parseInt(String.valueOf(Files.getAttribute(file, attribute)));
    }

    boolean isRoot() {
        return uid == 0;
    }
}
