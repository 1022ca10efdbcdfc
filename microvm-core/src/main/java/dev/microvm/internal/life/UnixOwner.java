/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Gives files to another user, by numbers, for names need not exist. */
public final class UnixOwner {
    private UnixOwner() {}

    /** Gives a file to a user and a group; only root can. */
    public static void give(Path file, int uid, int gid) throws IOException {
        Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }
}
