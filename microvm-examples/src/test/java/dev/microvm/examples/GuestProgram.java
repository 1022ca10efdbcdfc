/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.guest.ExecRequest;
import dev.microvm.spec.NinePShare;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A class of the tests as a program for a guest on the host's root, which has the JDK that runs the tests: the one tool with locks, memory
 * maps and extended attributes that is there wherever the tests are.
 *
 * @param type the class; it may use the JDK and the classes copied with it only
 * @param folder the host's folder that holds it
 */
record GuestProgram(Class<?> type, Path folder) {
    private static final String MOUNT_POINT = "/mnt/program";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    /** Copies classes and their nested ones into a folder, which is made and can be read by all; the first is run. */
    static GuestProgram in(Path folder, Class<?> type, Class<?>... others) throws IOException {
        copy(folder, type);
        for (Class<?> other : others) {
            copy(folder, other);
        }
        return new GuestProgram(type, folder);
    }

    private static void copy(Path folder, Class<?> type) throws IOException {
        Path compiled =
                Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
        Path of = Path.of(type.getPackageName().replace('.', '/'));
        Path target = Files.createDirectories(folder.resolve(of));
        try (DirectoryStream<Path> classes =
                Files.newDirectoryStream(compiled.resolve(of), type.getSimpleName() + "{,$*}.class")) {
            for (Path file : classes) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.toList()) {
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    /** {@return the share by which a guest gets it} */
    NinePShare share() {
        return NinePShare.of("program", folder).mountedAt(MOUNT_POINT).asReadOnly();
    }

    /** {@return the words that run it in a guest with that share} */
    List<String> command(String... arguments) {
        return Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xshare:auto",
                                "-Xmx128m",
                                "-cp",
                                MOUNT_POINT,
                                type.getName()),
                        Stream.of(arguments))
                .toList();
    }

    ExecRequest request(String... arguments) {
        return ExecRequest.builder()
                .addAllCommand(command(arguments))
                .putEnvironment("LC_ALL", "C.UTF-8")
                .limit(LIMIT)
                .build();
    }

    /** {@return the same as a line for a shell} */
    String shellLine(String... arguments) {
        return "LC_ALL=C.UTF-8 "
                + command(arguments).stream()
                        .map(word -> "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" "));
    }
}
