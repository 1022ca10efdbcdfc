/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mounttext;

import dev.microvm.internal.mount.GuestMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Lines of fstab(5): blanks, and what else a field cannot hold, as octal escapes. */
public final class Fstab {
    private Fstab() {}

    /** {@return the lines for mounts in their order, a comment first where fstab cannot say what is needed} */
    public static List<String> of(List<GuestMount> mounts) {
        List<String> lines = new ArrayList<>();
        for (GuestMount mount : mounts) {
            comment(mount).ifPresent(lines::add);
            List<String> options = new ArrayList<>(mount.options());
            // systemd reads fstab side by side; mount -a goes from top to bottom, and skips these.
            mount.needs().forEach(path -> options.add("x-systemd.requires-mounts-for=" + path));
            lines.add(String.join(
                    " ",
                    field(mount.what()),
                    field(mount.where()),
                    mount.type(),
                    options.stream().map(Fstab::field).collect(Collectors.joining(",")),
                    "0",
                    // Checked by fsck: what has a disk of its own and is no root.
                    mount instanceof GuestMount.OfVolume volume
                                    && !volume.volume().readOnly()
                            ? "2"
                            : "0"));
        }
        return List.copyOf(lines);
    }

    private static Optional<String> comment(GuestMount mount) {
        if (mount instanceof GuestMount.OfOverlay overlay) {
            return Optional.of("# needs the folders " + printable(overlay.upperFolder()) + " and "
                    + printable(overlay.workFolder()) + ", which fstab cannot make");
        }
        if (mount instanceof GuestMount.OfPersistence persistent
                && persistent.kept().file()) {
            return Optional.of("# needs a file " + printable(mount.where()) + " to be mounted on");
        }
        return Optional.empty();
    }

    private static String printable(String path) {
        return path.replaceAll("\\p{Cntrl}", "?");
    }

    /** getmntent(3): space, tab, newline and backslash; '#' begins a comment where a line begins with it. */
    static String field(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case ' ' -> escaped.append("\\040");
                case '\t' -> escaped.append("\\011");
                case '\n' -> escaped.append("\\012");
                case '\\' -> escaped.append("\\134");
                case '#' -> escaped.append("\\043");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
