/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

/**
 * A version of QEMU. Feature checks belong on the commands and not on the version, which distributions patch at will.
 *
 * @param major the first number
 * @param minor the second number
 * @param micro the third number
 * @param packageName what the packager added, such as {@code Debian 1:7.2+dfsg-7}; may be empty
 */
public record QmpVersion(int major, int minor, int micro, String packageName) {

    /**
     * Tells whether this version is at least the given one.
     *
     * @param wantedMajor the first number
     * @param wantedMinor the second number
     * @return true if it is the same or a later one
     */
    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + micro + (packageName.isEmpty() ? "" : " (" + packageName + ")");
    }
}
