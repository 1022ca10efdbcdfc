/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of QEMU.
 *
 * @param major such as 7
 * @param minor such as 2
 * @param micro such as 22; 50 and above mark development builds
 */
public record QemuVersion(int major, int minor, int micro) implements Comparable<QemuVersion> {
    /** The oldest accepted: Ubuntu 22.04's. The tests run 7.2; {@code -M microvm} with ACPI came in 5.2. */
    public static final QemuVersion OLDEST = new QemuVersion(6, 2, 0);

    private static final Pattern BANNER = Pattern.compile("version (\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?");

    /** Reads the first line of {@code qemu-system-* --version}; empty if it holds no version. */
    static Optional<QemuVersion> fromBanner(String banner) {
        Matcher matcher = BANNER.matcher(banner);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String micro = matcher.group(3);
        return Optional.of(new QemuVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                micro == null ? 0 : Integer.parseInt(micro)));
    }

    /** {@return whether this version is the given one or newer} */
    public boolean isAtLeast(int major, int minor) {
        return compareTo(new QemuVersion(major, minor, 0)) >= 0;
    }

    @Override
    public int compareTo(QemuVersion other) {
        int byMajor = Integer.compare(major, other.major);
        int byMinor = byMajor == 0 ? Integer.compare(minor, other.minor) : byMajor;
        return byMinor == 0 ? Integer.compare(micro, other.micro) : byMinor;
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + micro;
    }
}
