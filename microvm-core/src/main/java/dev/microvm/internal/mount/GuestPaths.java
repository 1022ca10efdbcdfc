/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mount;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Absolute, normalised paths of a guest, as text: the host's rules for paths are not the guest's. */
public final class GuestPaths {
    private GuestPaths() {}

    /** {@return whether a path lies below a folder; not where they are equal} */
    public static boolean isBelow(String path, String folder) {
        return folder.equals("/") ? path.length() > 1 : path.startsWith(folder + "/");
    }

    /** {@return whether a path is a folder or lies below it} */
    public static boolean isWithin(String path, String folder) {
        return path.equals(folder) || isBelow(path, folder);
    }

    /** {@return how many parts a path has, plus one} */
    public static int depth(String path) {
        return path.split("/", -1).length;
    }

    /** {@return the folder that holds a path; that of the root is the root} */
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    /**
     * {@return the folders between a folder and a path, both excluded, the highest first}
     *
     * @param path a path below the folder
     */
    public static List<String> between(String folder, String path) {
        List<String> all = new ArrayList<>();
        for (String way = parent(path); isBelow(way, folder); way = parent(way)) {
            all.add(way);
        }
        Collections.reverse(all);
        return all;
    }
}
