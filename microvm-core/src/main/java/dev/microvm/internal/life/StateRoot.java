/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Map;

/**
 * Where the VMs of a user have their state folders. Short, because a socket path may have 107 bytes; on a tmpfs where there is one; and
 * for root reachable by the unprivileged user that QEMU runs as, which {@code /run/user/0} is not.
 *
 * @param path the folder
 */
public record StateRoot(Path path) {
    /** Names the owner of a state folder: {@code PID STARTTIME} of the JVM and of the lifeline, one a line. */
    public static final String OWNER_FILE = "owner";

    private static final SecureRandom RANDOM = new SecureRandom();

    /** {@return the root for a caller: {@code MICROVM_STATE}, else /run for root, else XDG_RUNTIME_DIR, else the temp folder} */
    public static StateRoot choose(Map<String, String> environment, int uid) {
        String explicit = environment.getOrDefault("MICROVM_STATE", "");
        if (!explicit.isEmpty()) {
            return new StateRoot(Path.of(explicit).toAbsolutePath());
        }
        if (uid == 0 && Files.isWritable(Path.of("/run"))) {
            return new StateRoot(Path.of("/run/microvm"));
        }
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!runtime.isEmpty() && Files.isWritable(Path.of(runtime))) {
            return new StateRoot(Path.of(runtime, "microvm"));
        }
        return new StateRoot(Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "microvm-" + uid));
    }

    /** {@return a path below this root that no VM uses: eight random hexadecimal digits, not created} */
    public Path newFolder() {
        return path.resolve(String.format("%08x", RANDOM.nextInt()));
    }

    /**
     * Creates the root if it is not there: 0711 for root (QEMU's user must pass through), else 0700.
     *
     * @throws UncheckedIOException if it cannot be created or belongs to somebody else
     */
    public void create(int uid) {
        try {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(path.getParent());
                try {
                    Files.createDirectory(
                            path,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString(uid == 0 ? "rwx--x--x" : "rwx------")));
                } catch (java.nio.file.FileAlreadyExistsException e) {
                    // another VM of ours was faster
                }
            }
            int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            if (owner != uid) {
                // In a shared temp folder somebody may have been there first: never trust it.
                throw new IOException(path + " belongs to uid " + owner + ", not to " + uid
                        + "; set MICROVM_STATE to a folder of your own");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the folders whose JVM and lifeline are both gone (both were killed at once); what others use is left alone. */
    public void sweep() {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(path)) {
            for (Path folder : folders) {
                if (isOrphaned(folder)) {
                    deleteTree(folder);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            // Another sweep at the same time; what is left will be found by the next one.
            System.getLogger(StateRoot.class.getName())
                    .log(System.Logger.Level.DEBUG, "sweep of {0}: {1}", path, e.toString());
        }
    }

    private static boolean isOrphaned(Path folder) throws IOException {
        Path owner = folder.resolve(OWNER_FILE);
        if (!Files.isRegularFile(owner, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        for (String line : Files.readAllLines(owner, StandardCharsets.UTF_8)) {
            if (ProcessIdentity.parse(line).isAlive()) {
                return false;
            }
        }
        return true;
    }

    /** Deletes a folder with all that is in it, without following links; what has gone meanwhile is no error. */
    public static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof java.nio.file.NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    Path directory, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
