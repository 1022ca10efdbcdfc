/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.util.regex.Pattern;

/**
 * The form of a store path as text: {@code /nix/store/}, 32 characters of Nix' base 32 (no e, o, t, u), a dash, a name. (Nix manual,
 * "Store path".) Checked before it becomes an argument of a program, where a leading dash would be an option.
 */
final class StorePath {
    /** Where every store's paths stand for those who use them; the library supports no other. */
    static final String STORE = "/nix/store";

    private static final Pattern FORM = Pattern.compile(STORE + "/[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+._?=-]{1,211}");
    private static final Pattern NAME = Pattern.compile("[0-9a-zA-Z+_?=-][0-9a-zA-Z+._?=-]{0,210}");

    private StorePath() {}

    /**
     * {@return the path as it was given}
     *
     * @throws IllegalArgumentException if it is no store path
     */
    static String check(String path) {
        if (!FORM.matcher(path).matches()) {
            throw new IllegalArgumentException(
                    "store path = " + path + ": must be " + STORE + "/, 32 characters of base 32, '-' and a name");
        }
        return path;
    }

    /**
     * {@return the name as it was given}
     *
     * @throws IllegalArgumentException if no store path can have this name
     */
    static String checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name = " + name
                    + ": must be 1 to 211 letters, digits and any of + . _ ? = -, not starting with a dot");
        }
        return name;
    }
}
