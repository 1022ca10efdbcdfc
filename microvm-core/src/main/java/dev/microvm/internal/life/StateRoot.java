/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.FileAccess;
import dev.microvm.internal.process.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Where the VMs of a user have their state folders. Short, because a socket path may have 107 bytes; on a tmpfs where there is one; and
 * for root reachable by the unprivileged user that QEMU runs as, which {@code /run/user/0} is not.
 *
 * @param path the folder
 */
public record StateRoot(Path path) {
    /** Names the owner of a state folder: {@code PID STARTTIME} of the JVM and of the lifeline, one a line. */
    public static final String OWNER_FILE = "owner";

    static final String KEPT_FILE = "kept";

    private static final String CURE = "set MICROVM_STATE to a folder of your own";

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
     * Creates the root if it is not there: 0711 for root (QEMU's user must pass through), else 0700, whatever the umask. Folders above it
     * that are missing become 0755 where root creates them.
     *
     * @throws UncheckedIOException if it cannot be created or belongs to somebody else
     */
    public void create(int uid) {
        try {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                createAbove(path.getParent(), uid);
                try {
                    createWithMode(path, uid == 0 ? "rwx--x--x" : "rwx------");
                } catch (FileAlreadyExistsException e) {
                    // another VM of ours was faster
                }
            }
            Optional<String> foreign = foreignOwner(uid);
            if (foreign.isPresent()) {
                // In a shared temp folder somebody may have been there first: never trust it.
                throw new IOException(foreign.get() + "; " + CURE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void createAbove(@Nullable Path folder, int uid) throws IOException {
        if (folder == null || Files.isDirectory(folder)) {
            return;
        }
        if (uid != 0) {
            Files.createDirectories(folder);
            return;
        }
        createAbove(folder.getParent(), uid);
        try {
            createWithMode(folder, "rwxr-xr-x");
        } catch (FileAlreadyExistsException e) {
            // another VM of ours was faster
        }
    }

    /** Closed first, then opened: mkdir(2) takes the umask off, chmod(2) does not. */
    private static void createWithMode(Path folder, String mode) throws IOException {
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    private Optional<String> foreignOwner(int uid) throws IOException {
        int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return owner == uid ? Optional.empty() : Optional.of(path + " belongs to uid " + owner + ", not to " + uid);
    }

    /**
     * {@return what keeps VMs from having their folders here: the root belongs to somebody else, or it or a folder above it does not let
     * the unprivileged QEMU pass through to its sockets; empty if nothing does} What is missing will be created and is no problem.
     *
     * @param uid the caller
     * @param qemuUid who QEMU runs as where that is not the caller
     */
    public Optional<Problem> problem(int uid, OptionalInt qemuUid) {
        Path existing = path;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            Optional<String> foreign = existing.equals(path) ? foreignOwner(uid) : Optional.empty();
            if (foreign.isPresent()) {
                return Optional.of(new Problem("state folder", foreign.get(), CURE));
            }
            return qemuUid.isEmpty()
                    ? Optional.empty()
                    : FileAccess.ofUser(qemuUid.getAsInt())
                            .obstacleToPassing(existing)
                            .map(obstacle -> new Problem(
                                    "state folder",
                                    obstacle + ", so QEMU, which runs as that user, would not reach its sockets",
                                    "chmod o+x that folder, or set MICROVM_STATE to one that everybody can pass through,"
                                            + " such as /run/microvm"));
        } catch (IOException e) {
            return Optional.of(new Problem("state folder", "cannot look at " + existing + ": " + e, CURE));
        }
    }

    /**
     * Names the owners of a state folder, from when on {@link #sweep} leaves it alone as long as one of them lives. The file is there
     * completely or not at all.
     *
     * @param folder the state folder
     * @param jvm the process id of the JVM
     * @param lifeline the process id of the lifeline
     * @throws IOException if it cannot be written
     */
    public static void writeOwner(Path folder, long jvm, long lifeline) throws IOException {
        Path part = folder.resolve(OWNER_FILE + ".part");
        Files.writeString(
                part,
                ProcessIdentity.of(jvm).line() + "\n"
                        + ProcessIdentity.of(lifeline).line() + "\n");
        Files.move(part, folder.resolve(OWNER_FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Marks a state folder as one that a person wants to look at: {@link #sweep} never removes it. To be called before the lifeline is
     * told to leave it in place.
     *
     * @param folder the state folder
     * @throws IOException if the mark cannot be written
     */
    public static void markKept(Path folder) throws IOException {
        Files.writeString(folder.resolve(KEPT_FILE), "kept for a person to look at; nothing removes this folder\n");
    }

    /**
     * Removes the folders that nobody will remove any more, for their JVM and their lifeline were killed at once: those of which both are
     * gone; those whose owners cannot be read, after an hour; those that name none, after a day. What others use or want kept is left
     * alone, and what cannot be read or removed is left for the next sweep.
     */
    public void sweep() {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(path)) {
            for (Path folder : folders) {
                sweep(folder);
            }
        } catch (IOException | DirectoryIteratorException e) {
            System.getLogger(StateRoot.class.getName())
                    .log(System.Logger.Level.DEBUG, "sweep of {0}: {1}", path, e.toString());
        }
    }

    private static void sweep(Path folder) {
        try {
            if (Orphans.isOrphan(folder, Instant.now())) {
                FileTree.delete(folder);
            }
        } catch (IOException e) {
            // Another sweep at the same time, or something that this user may not touch; the others must be looked at.
            System.getLogger(StateRoot.class.getName())
                    .log(System.Logger.Level.DEBUG, "sweep of {0}: {1}", folder, e.toString());
        }
    }
}
