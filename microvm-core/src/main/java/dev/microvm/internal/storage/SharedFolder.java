/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.internal.mount.PersistentTarget;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A folder in which things are made although a guest may write there, even now: every step goes from an open folder to a name in it and
 * follows no link (openat(2) with O_NOFOLLOW), so that no link of the guest leads the caller, who may be root, out of the folder.
 */
final class SharedFolder implements Closeable {
    private static final LinkOption NO_LINKS = LinkOption.NOFOLLOW_LINKS;

    private final Path root;
    private final SecureDirectoryStream<Path> stream;

    private SharedFolder(Path root, SecureDirectoryStream<Path> stream) {
        this.root = root;
        this.stream = stream;
    }

    /**
     * Opens a folder. The way to it is the host's own, and links on it are followed.
     *
     * @throws IOException if it cannot be opened, or its file system knows no walk without links
     */
    @SuppressWarnings("StreamResourceLeak") // it is closed with what it is in
    static SharedFolder open(Path folder) throws IOException {
        DirectoryStream<Path> opened = Files.newDirectoryStream(folder);
        if (opened instanceof SecureDirectoryStream<Path> secure) {
            return new SharedFolder(folder, secure);
        }
        opened.close();
        throw new FileSystemException(folder.toString(), null, "this file system has no walk that follows no links");
    }

    /** What something in the folder is. */
    enum Kind {
        /** Nothing is there. */
        ABSENT,
        /** A directory. */
        DIRECTORY,
        /** A file. */
        FILE,
        /** A link, or something that is neither. */
        OTHER
    }

    private interface Work<T> {
        T in(SecureDirectoryStream<Path> folder, Path name) throws IOException;
    }

    /**
     * {@return what is at a path}
     *
     * @param path relative
     * @throws IOException if the way there is no way of directories
     */
    Kind kindOf(Path path) throws IOException {
        try {
            return within(stream, path, SharedFolder::kind);
        } catch (NoSuchFileException e) {
            return Kind.ABSENT;
        }
    }

    /**
     * Makes a directory where nothing is; its parent must be there.
     *
     * @throws IOException if something else is there, or the way there is no way of directories
     */
    void makeDirectory(Path path, int mode, Optional<PersistentTarget.Ids> owner) throws IOException {
        within(stream, path, (folder, name) -> {
            if (isThere(folder, name, path, Kind.DIRECTORY)) {
                return false;
            }
            // Java has no mkdirat(2). So it is made under a name that nobody knows and moved to its place: neither
            // looks at links.
            Path made = Path.of(".microvm-" + UUID.randomUUID());
            Files.createDirectory(
                    root.resolve(made),
                    PosixFilePermissions.asFileAttribute(EnumSet.of(PosixFilePermission.OWNER_READ)));
            boolean moved = false;
            try {
                own(stream, made, mode, owner);
                stream.move(made, folder, name);
                moved = true;
            } finally {
                if (!moved) {
                    stream.deleteDirectory(made);
                }
            }
            return true;
        });
    }

    /**
     * Makes an empty file where nothing is; its parent must be there.
     *
     * @throws IOException if something else is there, or the way there is no way of directories
     */
    void makeFile(Path path, int mode, Optional<PersistentTarget.Ids> owner) throws IOException {
        within(stream, path, (folder, name) -> {
            if (isThere(folder, name, path, Kind.FILE)) {
                return false;
            }
            folder.newByteChannel(
                            name,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, NO_LINKS),
                            PosixFilePermissions.asFileAttribute(
                                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)))
                    .close();
            own(folder, name, mode, owner);
            return true;
        });
    }

    private <T> T within(SecureDirectoryStream<Path> folder, Path rest, Work<T> work) throws IOException {
        if (rest.getNameCount() == 1) {
            return work.in(folder, rest);
        }
        Path first = rest.getName(0);
        Kind kind = kind(folder, first);
        if (kind == Kind.ABSENT) {
            throw new NoSuchFileException(root + " ... " + first);
        }
        if (kind != Kind.DIRECTORY) {
            throw refused(first + " in " + root, kind);
        }
        try (SecureDirectoryStream<Path> next = folder.newDirectoryStream(first, NO_LINKS)) {
            return within(next, rest.subpath(1, rest.getNameCount()), work);
        }
    }

    private boolean isThere(SecureDirectoryStream<Path> folder, Path name, Path path, Kind wanted) throws IOException {
        Kind kind = kind(folder, name);
        if (kind != Kind.ABSENT && kind != wanted) {
            throw refused(root.resolve(path).toString(), kind);
        }
        return kind == wanted;
    }

    private static FileSystemException refused(String what, Kind kind) {
        return new FileSystemException(
                what,
                null,
                switch (kind) {
                    case FILE -> "is a file, and a directory is needed";
                    case DIRECTORY -> "is a directory, and a file is needed";
                    default ->
                        "is a link or a special file; nothing is made through those, for a guest may have put them there";
                });
    }

    private static Kind kind(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            BasicFileAttributes attributes = folder.getFileAttributeView(name, BasicFileAttributeView.class, NO_LINKS)
                    .readAttributes();
            return attributes.isDirectory() ? Kind.DIRECTORY : attributes.isRegularFile() ? Kind.FILE : Kind.OTHER;
        } catch (NoSuchFileException e) {
            return Kind.ABSENT;
        }
    }

    /** The umask has no say in the mode, and whoever the file is given to needs no right before. */
    static void own(SecureDirectoryStream<Path> folder, Path name, int mode, Optional<PersistentTarget.Ids> owner)
            throws IOException {
        PosixFileAttributeView view = folder.getFileAttributeView(name, PosixFileAttributeView.class, NO_LINKS);
        if (owner.isPresent()) {
            UserPrincipalLookupService names = name.getFileSystem().getUserPrincipalLookupService();
            view.setGroup(names.lookupPrincipalByGroupName(
                    Integer.toString(owner.get().gid())));
            view.setOwner(
                    names.lookupPrincipalByName(Integer.toString(owner.get().uid())));
        }
        view.setPermissions(permissions(mode));
    }

    static Set<PosixFilePermission> permissions(int mode) {
        StringBuilder text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            text.append((mode >> bit & 1) == 1 ? "rwxrwxrwx".charAt(8 - bit) : '-');
        }
        return PosixFilePermissions.fromString(text.toString());
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
