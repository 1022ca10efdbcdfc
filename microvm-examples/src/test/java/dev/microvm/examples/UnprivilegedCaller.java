/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How root's tests run a program as a user without rights: behind {@link #prefix}, with a class path and a home that user can read.
 *
 * @param prefix the words before the program's own
 * @param classPath copies of what is on the tests' class path
 */
record UnprivilegedCaller(List<String> prefix, String classPath) {
    static final int UID = 65_534;

    /** Prepares one in an empty folder, which must be passable for all. */
    static UnprivilegedCaller in(Path folder) throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> prefix = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + UID,
                "--regid=" + UID,
                "--clear-groups",
                "env",
                "-i",
                "PATH=" + System.getenv("PATH"),
                "HOME=" + home,
                "MICROVM_CACHE=" + home.resolve("cache")));
        // What root has unpacked into its cache serves others too, if they are told.
        Unpacked.variables().forEach((name, value) -> prefix.add(name + "=" + value));
        return new UnprivilegedCaller(List.copyOf(prefix), readableClassPath(folder));
    }

    /** {@return the prefix with a variable more; the caller's environment does not get through} */
    List<String> prefixWith(String name, String value) {
        List<String> longer = new ArrayList<>(prefix);
        longer.add(name + "=" + value);
        return longer;
    }

    /** Makes a folder this user's. */
    void own(Path folder) throws IOException {
        Files.setAttribute(folder, "unix:uid", UID);
    }

    /** The checkout and the local repository may lie in folders that only root can enter. */
    private static String readableClassPath(Path folder) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("classes"));
        List<String> places = new ArrayList<>();
        int number = 0;
        for (String entry : ChildJvm.classPath().split(File.pathSeparator, -1)) {
            Path source = Path.of(entry);
            Path target = copy.resolve(number++ + "-" + source.getFileName());
            if (Files.exists(source)) {
                copyTree(source, target);
                places.add(target.toString());
            }
        }
        return String.join(File.pathSeparator, places);
    }

    private static void copyTree(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path to = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
    }
}
