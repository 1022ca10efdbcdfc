/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/** A value that is an object on the wire. */
public interface QmpObject extends QmpData {

    /**
     * Writes the members without the braces around them; absent ones are left out.
     *
     * @param out stands inside an object
     */
    void writeMembers(QmpWriter out);

    @Override
    default void write(QmpWriter out) {
        out.beginObject();
        writeMembers(out);
        out.endObject();
    }
}
