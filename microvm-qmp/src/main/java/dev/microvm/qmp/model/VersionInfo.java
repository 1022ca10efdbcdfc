/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;

/**
 * The result of {@link QueryVersion}.
 *
 * @param qemu the three numbers
 * @param packageName what the packager added; may be empty
 */
public record VersionInfo(VersionTriple qemu, String packageName) {

    /**
     * Reads it.
     *
     * @param reader stands before the object
     * @return the value
     * @throws QmpProtocolException if it is not of this form
     */
    public static VersionInfo read(QmpReader reader) {
        VersionTriple qemu = null;
        String packageName = null;
        reader.beginObject();
        while (reader.nextMember()) {
            switch (reader.name()) {
                case "qemu" -> qemu = VersionTriple.read(reader);
                case "package" -> packageName = reader.string();
                default -> {}
            }
        }
        return new VersionInfo(reader.require(qemu, "qemu"), reader.require(packageName, "package"));
    }
}
