/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Gives a finished image its name, which somebody else may have taken meanwhile; what has it is never replaced. A link does that in one
 * step. Java has no rename that replaces nothing ({@code Files.move} looks, and then renames), so on a file system without hard links the
 * name is first taken by an empty file of ours, and the image is renamed over that.
 */
final class ImageName {
    /** A second name for a file; as {@link Files#createLink}. */
    interface Linker {
        void link(Path name, Path file) throws IOException;
    }

    private final Linker linker;

    ImageName(Linker linker) {
        this.linker = linker;
    }

    /**
     * Names the image of a folder.
     *
     * @throws IOException if something has that name, which then stays as it is, or it cannot be given
     */
    static void give(PrivateFolder folder, Path image) throws IOException {
        Object made = folder.keyOf(PrivateFolder.IMAGE);
        boolean linked = new ImageName(Files::createLink)
                .give(folder.resolve(PrivateFolder.IMAGE), folder.resolve(PrivateFolder.PROBE), image);
        // A link goes by the path of the folder, where another one may stand by now.
        if (linked && !made.equals(keyOf(image))) {
            Files.delete(image);
            throw new IOException(folder.resolve("") + " was replaced by another folder meanwhile");
        }
    }

    private static @Nullable Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /**
     * Names an image.
     *
     * @param finished the image; where it was linked it keeps this name too
     * @param probe a name beside it that is free
     * @param image its name from now on
     * @return whether it was linked
     * @throws IOException if something has that name, which then stays as it is, or it cannot be given
     */
    boolean give(Path finished, Path probe, Path image) throws IOException {
        try {
            linker.link(image, finished);
            return true;
        } catch (FileAlreadyExistsException e) {
            throw taken(image, e);
        } catch (UnsupportedOperationException | FileSystemException e) {
            if (linksWork(finished, probe)) {
                throw e;
            }
            rename(finished, image);
            return false;
        }
    }

    private static IOException taken(Path image, FileAlreadyExistsException cause) {
        return new IOException(image + " was made by somebody else meanwhile; it stays as it is", cause);
    }

    /** The system's words for "no links here" are EPERM, EOPNOTSUPP or ENOSYS, and Java tells only their text; so it is tried. */
    private boolean linksWork(Path finished, Path probe) throws IOException {
        try {
            linker.link(probe, finished);
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false;
        }
        Files.delete(probe);
        return true;
    }

    /** Killed between the two steps, this leaves an empty file, which the preflight knows for what it is. */
    private static void rename(Path finished, Path image) throws IOException {
        try {
            Files.createFile(image);
        } catch (FileAlreadyExistsException e) {
            throw taken(image, e);
        }
        boolean named = false;
        try {
            if (Files.size(image) != 0) {
                throw new IOException(image + " was replaced by somebody else meanwhile; it stays as it is");
            }
            Files.move(finished, image, StandardCopyOption.ATOMIC_MOVE);
            named = true;
        } finally {
            if (!named && Files.exists(image) && Files.size(image) == 0) {
                Files.delete(image);
            }
        }
    }
}
