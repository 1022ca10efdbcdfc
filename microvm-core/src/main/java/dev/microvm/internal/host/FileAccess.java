/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What another user may do with files, told from their mode bits without becoming that user: for the unprivileged user that QEMU drops to
 * where the caller is root. Access control lists are not looked at: a right that only such a list gives counts as missing.
 *
 * @param uid the user's id
 * @param gids the user's groups
 */
public record FileAccess(int uid, Set<Integer> gids) {
    private static final int READ = 4;
    private static final int WRITE = 2;
    private static final int SEARCH = 1;

    /** Copies what could change. */
    public FileAccess {
        gids = Set.copyOf(gids);
    }

    /** {@return the access of a user with the groups that {@code /etc/passwd} and {@code /etc/group} give it} */
    public static FileAccess ofUser(int uid) {
        return ofUser(uid, Path.of("/etc/passwd"), Path.of("/etc/group"));
    }

    static FileAccess ofUser(int uid, Path passwd, Path group) {
        Set<Integer> gids = new HashSet<>();
        String name = "";
        for (String line : lines(passwd)) {
            String[] fields = line.split(":", -1);
            if (fields.length > 3 && fields[2].equals(Integer.toString(uid))) {
                name = fields[0];
                addNumber(gids, fields[3]);
            }
        }
        for (String line : lines(group)) {
            String[] fields = line.split(":", -1);
            if (fields.length > 3
                    && !name.isEmpty()
                    && List.of(fields[3].split(",")).contains(name)) {
                addNumber(gids, fields[2]);
            }
        }
        return new FileAccess(uid, gids);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static void addNumber(Set<Integer> numbers, String text) {
        try {
            numbers.add(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            // A line that is not of the format of group(5) gives no right.
        }
    }

    /** {@return what keeps this user from listing a folder and entering it: the first place on the way that does; empty if nothing does} */
    public Optional<String> obstacle(Path folder) throws IOException {
        return obstacle(folder, READ | SEARCH);
    }

    /** {@return what keeps this user from reaching what is in a folder by its path, which needs no right to list it; empty if nothing does} */
    public Optional<String> obstacleToPassing(Path folder) throws IOException {
        return obstacle(folder, SEARCH);
    }

    /** {@return what keeps this user from changing what is in a folder; empty if nothing does} */
    public Optional<String> obstacleToWriting(Path folder) throws IOException {
        return obstacle(folder, READ | WRITE | SEARCH);
    }

    /** {@return what keeps this user from reading a file; empty if nothing does} */
    public Optional<String> obstacleToReading(Path file) throws IOException {
        return obstacle(file, READ);
    }

    /** {@return what keeps this user from reading and writing a file; empty if nothing does} */
    public Optional<String> obstacleToChanging(Path file) throws IOException {
        return obstacle(file, READ | WRITE);
    }

    /** {@return whether this user can read a file} */
    public boolean canRead(Path file) throws IOException {
        return obstacle(file, READ).isEmpty();
    }

    private Optional<String> obstacle(Path place, int right) throws IOException {
        Path real = place.toRealPath();
        for (Path way = real.getRoot(); way != null; way = next(way, real)) {
            int wanted = way.equals(real) ? right : SEARCH;
            int mode = attribute(way, "mode");
            int owner = attribute(way, "uid");
            int group = attribute(way, "gid");
            if (!allows(mode, owner, group, wanted)) {
                return Optional.of(String.format(
                        Locale.ROOT,
                        "%s (mode %04o, owner %d, group %d) does not let the user %d %s it",
                        way,
                        mode & 0xfff,
                        owner,
                        group,
                        uid,
                        !way.equals(real) || right == SEARCH
                                ? "pass through"
                                : (right & WRITE) != 0 ? "write" : "read"));
            }
        }
        return Optional.empty();
    }

    private static int attribute(Path file, String name) throws IOException {
        return (int) Files.getAttribute(file, "unix:" + name);
    }

    private static @Nullable Path next(Path way, Path real) {
        return way.equals(real) ? null : way.resolve(real.getName(way.getNameCount()));
    }

    private boolean allows(int mode, int owner, int group, int wanted) {
        if (uid == 0) {
            return true;
        }
        // As the kernel does: the first class that fits decides, even where a later one would allow more.
        int shift = owner == uid ? 6 : gids.contains(group) ? 3 : 0;
        return (mode >> shift & wanted) == wanted;
    }
}
