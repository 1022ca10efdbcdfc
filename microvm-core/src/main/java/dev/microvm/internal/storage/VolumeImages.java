/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.internal.life.UnixOwner;
import dev.microvm.internal.mount.PersistentTarget.Ids;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Creates the images of volumes where they are missing. An image is made under another name beside its own, {@code .NAME.microvm-new},
 * and gets its own when it is complete, by a link, which never replaces anything: whoever is killed meanwhile leaves no image, and what he
 * left is used up by the next.
 */
public final class VolumeImages {
    private static final long MIB = 1 << 20;

    private final VolumeTools tools;
    private final Optional<Ids> owner;

    /**
     * Creates images for a user.
     *
     * @param environment where {@code PATH} is taken from
     * @param owner the user QEMU runs as, where that is not the caller
     */
    public VolumeImages(Map<String, String> environment, Optional<Ids> owner) {
        this.tools = new VolumeTools(environment);
        this.owner = owner;
    }

    /**
     * Creates a volume's image where it is missing and {@link Volume#createMib()} says how large; else does nothing.
     *
     * @throws IOException if it cannot be made, or another start is making it
     * @throws InterruptedException if the calling thread is interrupted
     */
    public void create(Volume volume) throws IOException, InterruptedException {
        Path image = volume.image().toAbsolutePath();
        if (volume.createMib().isEmpty() || Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path unfinished = beside(image, "new");
        try (FileChannel channel = FileChannel.open(
                        unfinished,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                LinkOption.NOFOLLOW_LINKS),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                FileLock lock = lock(channel)) {
            if (lock == null) {
                throw new IOException("another start is making " + image + " just now");
            }
            // Whoever was here before may have finished: then this may be the very file, under its old name.
            if (!Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
                boolean made = false;
                try {
                    make(volume, unfinished, channel);
                    made = true;
                } finally {
                    if (!made) {
                        Files.deleteIfExists(unfinished);
                    }
                }
                publish(unfinished, image);
            }
            Files.deleteIfExists(unfinished);
        }
    }

    private static Path beside(Path image, String what) {
        return image.resolveSibling("." + image.getFileName() + ".microvm-" + what);
    }

    /** One byte, far from those that qemu-img locks when it writes: 100 and up. (QEMU, block/file-posix.c.) */
    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(0, 1, false);
        } catch (OverlappingFileLockException e) {
            return null; // by this JVM
        }
    }

    private void make(Volume volume, Path image, FileChannel channel) throws IOException, InterruptedException {
        long bytes = volume.createMib().orElseThrow() * MIB;
        channel.truncate(0);
        if (volume.format() == VolumeFormat.RAW) {
            sparse(channel, bytes);
            if (volume.fileSystem().isPresent()) {
                tools.makeFileSystem(volume, image);
            }
        } else if (volume.fileSystem().isEmpty()) {
            tools.createQcow2(image, bytes);
        } else {
            convert(volume, bytes, image);
        }
        if (owner.isPresent()) {
            UnixOwner.give(image, owner.get().uid(), owner.get().gid());
        }
        channel.force(true);
    }

    /** No mkfs writes qcow2. */
    private void convert(Volume volume, long bytes, Path image) throws IOException, InterruptedException {
        Path raw = image.resolveSibling(image.getFileName() + "-raw");
        try {
            Files.deleteIfExists(raw);
            try (FileChannel channel = FileChannel.open(raw, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                sparse(channel, bytes);
            }
            tools.makeFileSystem(volume, raw);
            tools.convertToQcow2(raw, image);
        } finally {
            Files.deleteIfExists(raw);
        }
    }

    private static void sparse(FileChannel channel, long bytes) throws IOException {
        int written = channel.write(ByteBuffer.allocate(1), bytes - 1);
        if (written != 1) {
            throw new IOException("the image's end cannot be written");
        }
    }

    private static void publish(Path unfinished, Path image) throws IOException {
        try {
            Files.createLink(image, unfinished);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(image + " was made by somebody else meanwhile; it stays as it is", e);
        } catch (UnsupportedOperationException | FileSystemException e) {
            // A file system without hard links; without the option an existing file is not replaced.
            Files.move(unfinished, image);
        }
    }
}
