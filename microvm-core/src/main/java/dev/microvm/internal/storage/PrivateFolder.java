/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.internal.mount.PersistentTarget.Ids;
import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder in which only the caller can make anything, beside something he makes there; held by one start at a time, and removed with
 * what is in it when it is closed. What a start that was killed has left is removed by the next holder: unlinked, never written to, for
 * it may be a second name of a file that somebody uses.
 *
 * <p>Its name is known to all and the folder around it may be open to others. So what stands under its name is believed only when it has
 * been looked at through the open folder: a directory that belongs to the caller and that nobody else may write. From then on everything
 * goes through that open folder, and programs start in it only if it is still the same one.
 */
final class PrivateFolder implements Closeable {
    /** The name of an image in it. */
    static final String IMAGE = "microvm-image";

    /** The name of a raw image that is turned into another one. */
    static final String RAW = "microvm-raw";

    /** A name for looking at what the file system can do. */
    static final String PROBE = "microvm-probe";

    private static final String LOCK = "microvm-lock";

    /** How often the folder may vanish under us, because its last holder has finished, before we give up. */
    private static final int ATTEMPTS = 5;

    /** The working directory cannot be swapped for another one any more once a program is in it, so it is looked at from within. */
    private static final String IN_SAME_FOLDER = """
            cd -P -- "$1" && [ "$(stat -c %d:%i .)" = "$2" ] || { echo "$1 has become another folder" >&2; exit 1; }
            shift 2
            exec "$@"
            """;

    private static final LinkOption NO_LINKS = LinkOption.NOFOLLOW_LINKS;

    private final Path path;
    private final SecureDirectoryStream<Path> stream;
    private final String identity;
    private @Nullable FileChannel lock;

    private PrivateFolder(Path path, SecureDirectoryStream<Path> stream, String identity) {
        this.path = path;
        this.stream = stream;
        this.identity = identity;
    }

    /**
     * Makes the folder, or takes over what a start that was killed has left.
     *
     * @param path where; a file or a link of that name is removed
     * @return the folder, empty; nothing where another start holds it
     * @throws IOException if it cannot be made, or something of that name is somebody else's
     */
    static Optional<PrivateFolder> take(Path path) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            make(path);
            PrivateFolder folder = null;
            boolean taken = false;
            try {
                folder = open(path);
                folder.requireOwn();
                if (!folder.tryLock()) {
                    return Optional.empty();
                }
                if (folder.identity.equals(identityOf(attributesOf(path)))) {
                    folder.clear();
                    taken = true;
                    return Optional.of(folder);
                }
            } catch (NoSuchFileException e) {
                // Its holder has just removed it.
            } finally {
                if (folder != null && !taken) {
                    folder.letGo();
                }
            }
        }
        return Optional.empty();
    }

    private static void make(Path path) throws IOException {
        if (Files.exists(path, NO_LINKS) && !Files.isDirectory(path, NO_LINKS)) {
            Files.delete(path); // this name of it; whatever else it may be called stays
        }
        try {
            Files.createDirectory(path, mode("rwx------"));
        } catch (FileAlreadyExistsException e) {
            // It is looked at when it is open.
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }

    @SuppressWarnings("StreamResourceLeak") // the inner one is closed with what it is in
    private static PrivateFolder open(Path path) throws IOException {
        Path around = Objects.requireNonNull(path.getParent());
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(around)) {
            if (!(opened instanceof SecureDirectoryStream<Path> secure)) {
                throw new FileSystemException(
                        path.toString(), null, "this file system has no walk that follows no links");
            }
            // By the dot in it, which no FIFO has, for that would be waited for; a link has one, and is told apart
            // below.
            SecureDirectoryStream<Path> stream = secure.newDirectoryStream(
                    Objects.requireNonNull(path.getFileName()).resolve("."));
            boolean same = false;
            try {
                Map<String, Object> seen = attributesOf(path);
                Object key = stream.getFileAttributeView(BasicFileAttributeView.class)
                        .readAttributes()
                        .fileKey();
                same = Objects.equals(seen.get("fileKey"), key);
                if (!same) {
                    throw new NoSuchFileException(path.toString(), null, "is another folder from one look to the next");
                }
                return new PrivateFolder(path, stream, identityOf(seen));
            } finally {
                if (!same) {
                    stream.close();
                }
            }
        }
    }

    private static Map<String, Object> attributesOf(Path path) throws IOException {
        return Files.readAttributes(path, "unix:dev,ino,fileKey", NO_LINKS);
    }

    /** As {@code stat -c %d:%i} writes it. */
    private static String identityOf(Map<String, Object> attributes) {
        return attributes.get("dev") + ":" + attributes.get("ino");
    }

    /** A file of ours shows who we are to this file system, which may know us by another number (NFS, root squashed). */
    private void requireOwn() throws IOException {
        PosixFileAttributes attributes =
                stream.getFileAttributeView(PosixFileAttributeView.class).readAttributes();
        Set<PosixFilePermission> permissions = attributes.permissions();
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw notOurs("others may write in it: " + PosixFilePermissions.toString(permissions));
        }
        delete(PROBE);
        create(PROBE).close();
        UserPrincipal we = stream.getFileAttributeView(Path.of(PROBE), PosixFileAttributeView.class, NO_LINKS)
                .readAttributes()
                .owner();
        delete(PROBE);
        if (!attributes.owner().equals(we)) {
            throw notOurs("it belongs to " + attributes.owner().getName());
        }
    }

    private FileSystemException notOurs(String why) {
        return new FileSystemException(
                path.toString(),
                null,
                "is needed as a folder that is the caller's alone, and " + why + "; look who made it, and remove it");
    }

    private boolean tryLock() throws IOException {
        lock = open(LOCK, StandardOpenOption.CREATE);
        try {
            FileLock held = lock.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this JVM
        }
    }

    private FileChannel open(String name, StandardOpenOption how) throws IOException {
        SeekableByteChannel channel = stream.newByteChannel(
                Path.of(name),
                Set.of(how, StandardOpenOption.READ, StandardOpenOption.WRITE, NO_LINKS),
                mode("rw-------"));
        if (channel instanceof FileChannel file) {
            return file;
        }
        channel.close();
        throw new FileSystemException(resolve(name).toString(), null, "cannot be locked or forced to the disk");
    }

    /** Creates a file that only its owner may read. */
    FileChannel create(String name) throws IOException {
        return open(name, StandardOpenOption.CREATE_NEW);
    }

    /** Removes a file where it is there. */
    void delete(String name) throws IOException {
        try {
            stream.deleteFile(Path.of(name));
        } catch (NoSuchFileException e) {
            // That is what is wanted.
        }
    }

    /** Gives a file to another user, who alone may then read it. */
    void give(String name, Ids owner) throws IOException {
        SharedFolder.own(
                stream.getFileAttributeView(Path.of(name), PosixFileAttributeView.class, NO_LINKS),
                0600,
                Optional.of(owner));
    }

    /** {@return what tells a file in it from all others} */
    Object keyOf(String name) throws IOException {
        return Objects.requireNonNull(stream.getFileAttributeView(Path.of(name), BasicFileAttributeView.class, NO_LINKS)
                .readAttributes()
                .fileKey());
    }

    /** {@return the path of a file in it; what it leads to may be something else by the time it is used} */
    Path resolve(String name) {
        return path.resolve(name);
    }

    /**
     * Runs a program to its end with this folder as its working directory.
     *
     * @param command the program, found, and its arguments; files in the folder by their names alone
     * @throws IOException if it fails or takes longer than the limit; with its words
     */
    void run(List<String> command, Duration limit) throws IOException, InterruptedException {
        List<String> inFolder = new ArrayList<>(List.of("sh", "-c", IN_SAME_FOLDER, "sh", path.toString(), identity));
        inFolder.addAll(command);
        ProcessExit exit = HostProcess.run(inFolder, Map.of(), limit);
        if (!exit.succeeded()) {
            throw new IOException("in " + path + ": " + exit.of(command).describe());
        }
    }

    private void clear() throws IOException {
        for (String name : List.of(IMAGE, RAW, PROBE)) {
            delete(name);
        }
    }

    private void letGo() throws IOException {
        try {
            if (lock != null) {
                lock.close();
            }
        } finally {
            stream.close();
        }
    }

    /** Removes the folder with what is in it; the lock goes last, so that nobody takes over what is being removed. */
    @Override
    public void close() throws IOException {
        try {
            clear();
            delete(LOCK);
            if (identity.equals(identityOf(attributesOf(path)))) {
                Files.delete(path);
            }
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            // What is not ours stays, and what is gone is gone.
        } finally {
            letGo();
        }
    }
}
