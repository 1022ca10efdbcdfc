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
     * Compares two values by class and by what they are on the wire: what {@code equals} of the generated types means.
     *
     * @param value a value
     * @param other anything
     * @return true if they are of one class and write the same
     */
    static boolean equal(QmpData value, @Nullable Object other) {
        return value == other
                || (other instanceof QmpData that
                        && that.getClass() == value.getClass()
                        && QmpWriter.json(value).equals(QmpWriter.json(that)));
    }

    /**
     * Returns the hash code that fits {@link #equal}.
     *
     * @param value a value
     * @return the hash code of what it is on the wire
     */
    static int hash(QmpData value) {
        return QmpWriter.json(value).hashCode();
    }

    /**
     * Shows a value as what it is on the wire, without its secrets.
     *
     * @param value a value
     * @return its class and its JSON, which stands in parentheses unless it is an object
     */
    static String text(QmpData value) {
        JsonValue shown = Redaction.redact(QmpWriter.json(value));
        return value.getClass().getSimpleName() + (shown instanceof JsonValue.Obj ? shown : "(" + shown + ")");
    }
}
