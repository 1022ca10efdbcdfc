/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mounttext;

import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.PersistentTarget;
import dev.microvm.spec.UpperLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Lines of fstab(5): blanks, and what else a field cannot hold, as octal escapes. */
public final class Fstab {
    private static final Pattern PLAIN = Pattern.compile("[^\\s\"'\\\\,]+");

    private Fstab() {}

    /** {@return the lines for mounts in their order, comments first where fstab cannot say what is needed} */
    public static List<String> of(List<GuestMount> mounts) {
        List<String> lines = new ArrayList<>();
        for (GuestMount mount : mounts) {
            lines.addAll(comments(mount));
            List<String> options = new ArrayList<>(mount.options());
            // systemd mounts the lines side by side; mount -a goes from top to bottom, and skips these.
            // Where a bind mount comes from systemd sees by itself.
            if (mount instanceof GuestMount.OfOverlay) {
                mount.needs().forEach(path -> options.add("x-systemd.requires-mounts-for=" + word(path)));
            }
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

    private static List<String> comments(GuestMount mount) {
        List<String> comments = new ArrayList<>();
        if (mount instanceof GuestMount.OfOverlay overlay) {
            boolean memory = overlay.overlay().upperLayer() == UpperLayer.TMPFS;
            comments.add("# needs the folders " + overlay.upperFolder() + " and " + overlay.workFolder()
                    + ", which fstab cannot make" + (memory ? "; in memory they are gone at each boot" : ""));
        }
        if (mount instanceof GuestMount.OfPersistence persistent) {
            PersistentTarget kept = persistent.kept();
            String kind = kept.file() ? "file" : "folder";
            if (persistent.onVolume()) {
                comments.add("# needs the " + kind + " " + kept.source() + " on its volume, which fstab cannot make");
            }
            kept.persistence()
                    .homeFolder()
                    .ifPresent(home -> comments.add("# needs the folder " + home + ", or systemd makes it, as root's"));
            if (kept.file()) {
                comments.add("# needs a file " + mount.where() + " to be mounted on");
            }
        }
        return comments;
    }

    /**
     * One path in the value of an option: in quotes where systemd, which writes it into a unit, would split it; the comma as both it and
     * libmount read it. Percent signs are doubled by systemd. (Seen with the fstab generator of systemd 252.)
     */
    private static String word(String path) {
        if (PLAIN.matcher(path).matches()) {
            return path;
        }
        // Read twice: first as options, where a backslash keeps a comma, then as words of a unit.
        String word = path.replace("\\", "\\\\\\\\").replace(",", "\\,");
        return '"' + word + '"';
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
