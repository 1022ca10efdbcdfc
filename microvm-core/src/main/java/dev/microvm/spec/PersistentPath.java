/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Locale;

/**
 * A directory or a file that outlives the VM, as a {@link Persistence} lists it.
 *
 * @param path for the system an absolute, normalised path in the guest; for a user a normalised one relative to the home; no {@code ~}
 * @param mode the mode with which it is created where it is missing, 0 to 0777 (octal); what exists keeps its own
 */
public record PersistentPath(String path, int mode) {
    /** The mode of a directory where none is said. */
    public static final int DIRECTORY_MODE = 0755;

    /** The mode of a file where none is said. */
    public static final int FILE_MODE = 0644;

    /**
     * Checks the path's form and the mode.
     *
     * @param path not null, not empty, no control characters
     * @param mode nine bits: set-id and sticky bits are not created on the host
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    public PersistentPath {
        if (path.startsWith("~")) {
            throw Attribute.bad(
                    "PersistentPath.path",
                    path,
                    "'~' is expanded by shells only; write the rest of the path and ofUser(\"NAME\")");
        }
        // Relative ones have the same rules, below some home.
        if (path.startsWith("/")) {
            Attribute.guestPath("PersistentPath.path", path);
        } else {
            try {
                Attribute.guestPath("PersistentPath.path", "/" + path);
            } catch (IllegalArgumentException e) {
                throw Attribute.bad(
                        "PersistentPath.path",
                        path.replaceAll("\\p{Cntrl}", "?"),
                        "must be normalized: no '.', '..' or empty parts, no '/' at the end, no control characters");
            }
        }
        if (path.isEmpty() || path.equals("/")) {
            throw Attribute.bad("PersistentPath.path", "\"" + path + "\"", "must name something below the root");
        }
        if (mode < 0 || mode > 0777) {
            throw Attribute.bad(
                    "PersistentPath.mode",
                    String.format(Locale.ROOT, "0%o", mode),
                    "must be 0 to 0777 (octal: write 0755, not 755)");
        }
    }
}
