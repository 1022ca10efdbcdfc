/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import dev.microvm.qmp.QmpProtocolException;
import dev.microvm.qmp.QmpReader;

/**
 * The three numbers of a version.
 *
 * @param major the first
 * @param minor the second
 * @param micro the third
 */
public record VersionTriple(long major, long minor, long micro) {

    /**
     * Reads it.
     *
     * @param reader stands before the object
     * @return the value
     * @throws QmpProtocolException if it is not of this form
     */
    public static VersionTriple read(QmpReader reader) {
        Long major = null;
        Long minor = null;
        Long micro = null;
        reader.beginObject();
        while (reader.nextMember()) {
            switch (reader.name()) {
                case "major" -> major = reader.integer();
                case "minor" -> minor = reader.integer();
                case "micro" -> micro = reader.integer();
                default -> {}
            }
        }
        return new VersionTriple(
                reader.require(major, "major"), reader.require(minor, "minor"), reader.require(micro, "micro"));
    }
}
