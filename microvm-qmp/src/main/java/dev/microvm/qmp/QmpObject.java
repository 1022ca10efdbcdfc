/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import org.jspecify.annotations.Nullable;

/** A value that is an object on the wire. */
public interface QmpObject extends QmpData {

    /**
     * Writes the members without the braces around them; absent ones are left out.
     *
     * @param out stands inside an object
     */
    void writeMembers(QmpWriter out);

    /**
     * Checks what a value of a branch that is not known was made of: only its members are written, so that nothing else may be said.
     *
     * @param members the members
     * @param namesAndValues names of members and the values they are to have, by turns; of those that are null nothing is wanted
     * @throws IllegalArgumentException if one is missing
     */
    static void requireMembers(JsonValue.Obj members, @Nullable Object... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i + 1] != null && !members.members().containsKey(namesAndValues[i])) {
                throw new IllegalArgumentException("'" + namesAndValues[i]
                        + "' has a value and is not among the members: it would not be written");
            }
        }
    }

    @Override
    default void write(QmpWriter out) {
        out.beginObject();
        writeMembers(out);
        out.endObject();
    }
}
