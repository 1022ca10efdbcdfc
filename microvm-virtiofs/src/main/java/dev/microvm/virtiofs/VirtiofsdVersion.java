/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a virtiofsd of the virtio-fs project, the one written in Rust.
 *
 * @param major the first number
 * @param minor the second number
 * @param patch the third number; 0 where there is none
 */
public record VirtiofsdVersion(int major, int minor, int patch) implements Comparable<VirtiofsdVersion> {
    /** What a share with the default {@code IdMap} needs: owners are translated since 1.13.0. */
    public static final VirtiofsdVersion NEEDED_BY_DEFAULT = new VirtiofsdVersion(1, 13, 0);

    // "virtiofsd 1.13.2" since 1.8, "virtiofsd backend 1.7.0" before. QEMU's old C daemon says "virtiofsd version
    // 7.2.22 (Debian ...".
    private static final Pattern LINE =
            Pattern.compile("virtiofsd (?:backend )?(\\d+)\\.(\\d+)(?:\\.(\\d+))?(?:[-+~ ].*)?");

    private static final Comparator<VirtiofsdVersion> ORDER = Comparator.comparingInt(VirtiofsdVersion::major)
            .thenComparingInt(VirtiofsdVersion::minor)
            .thenComparingInt(VirtiofsdVersion::patch);

    /**
     * {@return the version in what {@code virtiofsd --version} prints; empty where it is another program's}
     *
     * @param output standard output; only its first line is looked at
     */
    public static Optional<VirtiofsdVersion> parse(String output) {
        String first = output.lines().findFirst().orElse("");
        Matcher matcher = LINE.matcher(first.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String patch = matcher.group(3);
        return Optional.of(new VirtiofsdVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch)));
    }

    /**
     * {@return whether this version is the given one or a later one}
     *
     * @param other compared number by number, major first
     */
    public boolean isAtLeast(VirtiofsdVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(VirtiofsdVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
