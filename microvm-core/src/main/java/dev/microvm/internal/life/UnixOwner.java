/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Owners and permissions of files, for another user than the caller; by numbers, for names need not exist. */
public final class UnixOwner {
    private static final int OTHERS_READ = 04;
    private static final int OTHERS_PASS = 01;

    private UnixOwner() {}

    /** Gives a file to a user and a group; only root can. */
    public static void give(Path file, int uid, int gid) throws IOException {
        Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }

    /** {@return whether a user can read a file: its own mode, and a way through all folders above it (path_resolution(7))} */
    public static boolean canRead(Path file, int uid, int gid) throws IOException {
        Path real = file.toRealPath();
        for (Path folder = real.getParent(); folder != null; folder = folder.getParent()) {
            if (!permits(folder, uid, gid, OTHERS_PASS)) {
                return false;
            }
        }
        return permits(real, uid, gid, OTHERS_READ);
    }

    private static boolean permits(Path file, int uid, int gid, int bit) throws IOException {
        int mode = (Integer) Files.getAttribute(file, "unix:mode");
        int owner = (Integer) Files.getAttribute(file, "unix:uid");
        int group = (Integer) Files.getAttribute(file, "unix:gid");
        int shift = owner == uid ? 6 : group == gid ? 3 : 0;
        return (mode >> shift & bit) != 0;
    }
}
