/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.internal.mount.PersistentTarget;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
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
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A folder in which things are made although a guest may write there, even now: every step goes from an open folder to a name in it and
 * follows no link, so that no link of the guest leads the caller, who may be root, out of the folder; and nothing is opened that a guest
 * could have put there to be waited for.
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
            return new SharedFolder(folder.toRealPath(), secure);
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

    private interface Work<T, X extends Exception> {
        T in(SecureDirectoryStream<Path> folder, Path name) throws IOException, X;
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
     * @throws InterruptedException if the calling thread is interrupted; nothing is left then
     */
    void makeDirectory(Path path, int mode, Optional<PersistentTarget.Ids> owner)
            throws IOException, InterruptedException {
        within(stream, path, (folder, name) -> {
            if (isThere(folder, name, path, Kind.DIRECTORY)) {
                return false;
            }
            // Under a name that nobody knows, and moved to its place when it is complete. Beside that place: what
            // is above may be another file system, or not this user's to write.
            Path made = Unfinished.newName();
            boolean moved = false;
            try {
                FolderStep.makeDirectory(parent(path), made);
                try (SecureDirectoryStream<Path> opened = enter(folder, made)) {
                    if (opened.iterator().hasNext()) {
                        throw replaced(made);
                    }
                    own(opened.getFileAttributeView(PosixFileAttributeView.class), mode, owner);
                }
                folder.move(made, folder, name);
                moved = true;
            } finally {
                if (!moved) {
                    Unfinished.discard(folder, made);
                }
            }
            return true;
        });
    }

    /**
     * Makes an empty file where nothing is; its parent must be there.
     *
     * @throws IOException if something else is there, or the way there is no way of directories
     * @throws InterruptedException if the calling thread is interrupted; nothing is left then
     */
    void makeFile(Path path, int mode, Optional<PersistentTarget.Ids> owner) throws IOException, InterruptedException {
        within(stream, path, (folder, name) -> {
            if (isThere(folder, name, path, Kind.FILE)) {
                return false;
            }
            Path made = Unfinished.newName();
            try {
                try (SeekableByteChannel open = folder.newByteChannel(
                        made,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, NO_LINKS),
                        PosixFilePermissions.asFileAttribute(
                                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)))) {
                    own(OpenFile.named(open, made), mode, owner);
                }
                put(folder, made, name, path);
            } finally {
                Unfinished.discard(folder, made);
            }
            return true;
        });
    }

    /** Removes what starts that were killed have left beside something that is in the folder. */
    void collectBeside(Path path) throws IOException {
        within(stream, path, (folder, name) -> {
            try (SecureDirectoryStream<Path> listed = folder.newDirectoryStream(Path.of("."))) {
                Unfinished.collect(listed, Instant.now());
            }
            return true;
        });
    }

    private Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? root : root.resolve(parent);
    }

    /** Takes nobody's file away, but where the file system has no hard links whoever made one in the last millisecond loses it. */
    private void put(SecureDirectoryStream<Path> folder, Path made, Path name, Path path)
            throws IOException, InterruptedException {
        try {
            FolderStep.rename(parent(path), made, name);
        } catch (IOException e) {
            if (kind(folder, name) == Kind.ABSENT) {
                folder.move(made, folder, name);
            }
        }
        if (!isThere(folder, name, path, Kind.FILE)) {
            throw replaced(name);
        }
    }

    private <T, X extends Exception> T within(SecureDirectoryStream<Path> folder, Path rest, Work<T, X> work)
            throws IOException, X {
        if (rest.getNameCount() == 1) {
            return work.in(folder, rest);
        }
        try (SecureDirectoryStream<Path> next = enter(folder, rest.getName(0))) {
            return within(next, rest.subpath(1, rest.getNameCount()), work);
        }
    }

    /**
     * Opens a directory in an open folder. By the dot in it, for of all that may have come in its place since the look only another directory
     * has one: a FIFO would be waited for without end. A link has one as well, so it is made sure that it is the directory that was looked at.
     */
    private SecureDirectoryStream<Path> enter(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        Kind kind = kind(folder, name);
        if (kind == Kind.ABSENT) {
            throw new NoSuchFileException(root + " ... " + name);
        }
        if (kind != Kind.DIRECTORY) {
            throw refused(name + " in " + root, kind);
        }
        Object looked = attributes(folder, name).fileKey();
        SecureDirectoryStream<Path> opened = folder.newDirectoryStream(name.resolve("."));
        boolean same = false;
        try {
            same = opened.getFileAttributeView(BasicFileAttributeView.class)
                    .readAttributes()
                    .fileKey()
                    .equals(looked);
        } finally {
            if (!same) {
                opened.close();
            }
        }
        if (!same) {
            throw replaced(name);
        }
        return opened;
    }

    private FileSystemException replaced(Path name) {
        return new FileSystemException(
                name + " in " + root, null, "was replaced while it was looked at; a guest may have done that");
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

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        return folder.getFileAttributeView(name, BasicFileAttributeView.class, NO_LINKS)
                .readAttributes();
    }

    private static Kind kind(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            BasicFileAttributes attributes = attributes(folder, name);
            return attributes.isDirectory() ? Kind.DIRECTORY : attributes.isRegularFile() ? Kind.FILE : Kind.OTHER;
        } catch (NoSuchFileException e) {
            return Kind.ABSENT;
        }
    }

    /**
     * The umask has no say in the mode, and whoever the file is given to needs no right before.
     *
     * @param view of what is open: by its name it could be something else by now
     */
    static void own(PosixFileAttributeView view, int mode, Optional<PersistentTarget.Ids> owner) throws IOException {
        if (owner.isPresent()) {
            UserPrincipalLookupService names = FileSystems.getDefault().getUserPrincipalLookupService();
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
