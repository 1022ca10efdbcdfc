/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The mount points within a folder, from {@code /proc/self/mountinfo} (proc(5)). */
final class MountsBelow {
    private static final int MOUNT_POINT = 4;
    private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

    private MountsBelow() {}

    /** {@return the mount points below a folder, itself excepted; none where they cannot be found out} */
    static List<Path> of(Path folder, Path mountInfo) {
        List<Path> found = new ArrayList<>();
        try {
            Path real = folder.toRealPath();
            for (String line : Files.readAllLines(mountInfo, StandardCharsets.UTF_8)) {
                String[] fields = line.split(" ", -1);
                if (fields.length > MOUNT_POINT) {
                    Path point = Path.of(unescape(fields[MOUNT_POINT]));
                    if (point.startsWith(real) && !point.equals(real)) {
                        found.add(point);
                    }
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return List.copyOf(found);
    }

    private static String unescape(String field) {
        return ESCAPE.matcher(field)
                .replaceAll(
                        octal -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(octal.group(1), 8))));
    }
}
