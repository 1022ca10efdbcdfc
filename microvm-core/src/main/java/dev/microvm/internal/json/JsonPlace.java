/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

/**
 * A place in a document, such as {@code $.shares[0].tag}.
 *
 * @param text how it is written
 */
record JsonPlace(String text) {
    static final JsonPlace ROOT = new JsonPlace("$");

    JsonPlace member(String name) {
        return new JsonPlace(text + "." + name);
    }

    JsonPlace item(int index) {
        return new JsonPlace(text + "[" + index + "]");
    }

    /** {@return the exception that says what is wrong here} */
    IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(text + ": " + what);
    }

    IllegalArgumentException wrong(RuntimeException cause) {
        return new IllegalArgumentException(text + ": " + cause.getMessage(), cause);
    }
}
