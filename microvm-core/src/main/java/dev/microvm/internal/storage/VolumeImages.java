/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.internal.mount.PersistentTarget.Ids;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Creates the images of volumes where they are missing. An image is made in a {@link PrivateFolder} beside its place,
 * {@code .NAME.microvm-new}, and gets its name when it is complete: whoever is killed meanwhile leaves no image, and what he left is
 * removed by the next.
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
        if (volume.createMib().isEmpty()) {
            return;
        }
        Path image = volume.image().toAbsolutePath();
        Path unfinished = image.resolveSibling("." + image.getFileName() + ".microvm-new");
        if (Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
            removeLeftover(unfinished);
            return;
        }
        try (PrivateFolder folder = PrivateFolder.take(unfinished)
                .orElseThrow(() -> new IOException("another start is making " + image + " just now"))) {
            // Whoever held it before us may have finished.
            if (!Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
                make(volume, folder);
                ImageName.give(folder, image);
            }
        }
    }

    /** Of a start that was killed just after it had given the image its name: a second name of the image is in it. */
    private static void removeLeftover(Path unfinished) {
        if (!Files.isDirectory(unfinished, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Optional<PrivateFolder> leftover = PrivateFolder.take(unfinished);
            if (leftover.isPresent()) {
                leftover.get().close();
            }
        } catch (IOException e) {
            // The image is there, and that is what the start needs; what lies beside it may be somebody else's.
        }
    }

    private void make(Volume volume, PrivateFolder folder) throws IOException, InterruptedException {
        long bytes = volume.createMib().orElseThrow() * MIB;
        try (FileChannel channel = folder.create(PrivateFolder.IMAGE)) {
            if (volume.format() == VolumeFormat.RAW) {
                sparse(channel, bytes);
                if (volume.fileSystem().isPresent()) {
                    tools.makeFileSystem(volume, folder, PrivateFolder.IMAGE);
                }
            } else if (volume.fileSystem().isEmpty()) {
                tools.createQcow2(folder, PrivateFolder.IMAGE, bytes);
            } else {
                convert(volume, bytes, folder);
            }
            if (owner.isPresent()) {
                folder.give(PrivateFolder.IMAGE, owner.get());
            }
            channel.force(true);
        }
    }

    /** No mkfs writes qcow2. */
    private void convert(Volume volume, long bytes, PrivateFolder folder) throws IOException, InterruptedException {
        try (FileChannel raw = folder.create(PrivateFolder.RAW)) {
            sparse(raw, bytes);
        }
        tools.makeFileSystem(volume, folder, PrivateFolder.RAW);
        tools.convertToQcow2(folder, PrivateFolder.RAW, PrivateFolder.IMAGE);
    }

    private static void sparse(FileChannel channel, long bytes) throws IOException {
        int written = channel.write(ByteBuffer.allocate(1), bytes - 1);
        if (written != 1) {
            throw new IOException("the image's end cannot be written");
        }
    }
}
