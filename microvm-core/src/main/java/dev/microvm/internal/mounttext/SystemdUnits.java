/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mounttext;

import dev.microvm.internal.image.MountPreparation;
import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.GuestPaths;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Mount units, each pulled in by {@code local-fs.target}; and before a mount that needs folders or files to be there, a service that makes
 * them. (systemd.mount(5): a unit is named after its mount point, and mount points that are missing are made, as directories.)
 *
 * <p>None has the dependencies that systemd adds by itself, which depend on what it takes for a file system of the network. Of those only
 * {@code local-fs-pre.target} is written down: before it the root may still be read-only.
 */
public final class SystemdUnits {
    private SystemdUnits() {}

    /**
     * {@return the units by their file names, in the order in which they will be mounted}
     *
     * @throws IllegalArgumentException if a path ends in a backslash or has a "${"
     */
    public static Map<String, String> of(List<GuestMount> mounts) {
        Map<String, String> units = new LinkedHashMap<>();
        for (GuestMount mount : mounts) {
            String escaped = SystemdText.escapePath(mount.where());
            String service = "microvm-before-" + escaped + ".service";
            boolean prepared = mount instanceof GuestMount.OfOverlay || mount instanceof GuestMount.OfPersistence;
            if (prepared) {
                units.put(service, service(mount, escaped + ".mount"));
            }
            units.put(escaped + ".mount", mount(mount, prepared ? service : ""));
        }
        return units;
    }

    private static String mount(GuestMount mount, String service) {
        StringBuilder unit = new StringBuilder("[Unit]\nDescription=")
                .append(SystemdText.value(mount.name()))
                .append("\nDefaultDependencies=no\nConflicts=umount.target\nAfter=local-fs-pre.target")
                .append("\nBefore=local-fs.target umount.target\n");
        requires(unit, new TreeSet<>(mount.needs()));
        if (!service.isEmpty()) {
            unit.append("Requires=").append(SystemdText.value(service)).append("\nAfter=");
            unit.append(SystemdText.value(service)).append('\n');
        }
        return unit.append("\n[Mount]\nWhat=")
                .append(plain(mount.what()))
                .append("\nWhere=")
                .append(plain(mount.where()))
                .append("\nType=")
                .append(mount.type())
                .append("\nOptions=")
                .append(plain(String.join(",", mount.options())))
                .append("\n\n[Install]\nRequiredBy=local-fs.target\n")
                .toString();
    }

    /**
     * Nothing can be quoted here. A backslash at the end of a line would go on with the next; and systemd puts variables into the command line
     * of mount(8), where a mount point, by which its unit is named, cannot double the dollar sign. (Both seen with systemd 252.)
     */
    private static String plain(String text) {
        if (text.endsWith("\\") || text.contains("${")) {
            throw new IllegalArgumentException(
                    text + " ends in a backslash or has a \"${\", which no mount unit of systemd can say");
        }
        return SystemdText.value(text);
    }

    private static String service(GuestMount mount, String before) {
        Set<String> needs = new TreeSet<>(mount.needs());
        needs.add(GuestPaths.parent(mount.where()));
        StringBuilder unit = new StringBuilder("[Unit]\nDescription=Before: ")
                .append(SystemdText.value(mount.name()))
                .append("\nDefaultDependencies=no\nConflicts=shutdown.target\nAfter=local-fs-pre.target\nBefore=")
                .append(SystemdText.value(before))
                .append(" shutdown.target\n");
        requires(unit, needs);
        return unit.append("\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c ")
                .append(SystemdText.argument(MountPreparation.of(mount)))
                .append('\n')
                .toString();
    }

    private static void requires(StringBuilder unit, Set<String> paths) {
        for (String path : paths) {
            unit.append("RequiresMountsFor=").append(SystemdText.quoted(path)).append('\n');
        }
    }
}
