/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** A value that can be written as JSON: what arguments are made of. */
public interface QmpData {

    /**
     * Writes the whole value: an object with its braces, a text, a number.
     *
     * @param out stands where a value may stand
     */
    void write(QmpWriter out);

    /**
     * Checks what a builder was given.
     *
     * @param value the value
     * @param what what it is, such as {@code DeviceDel.id}
     * @param <T> its type
     * @return the value
     * @throws IllegalStateException if it is null
     */
    static <T> T required(@Nullable T value, String what) {
        if (value == null) {
            throw new IllegalStateException(what + " must be given");
        }
        return value;
    }
}
