/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the first bytes of a disk image say. (QEMU, docs/interop/qcow2.txt: magic {@code QFI\xfb}, the version at byte 4, the size of the
 * disk at byte 24, both big-endian.)
 *
 * @param format qcow2 where its magic is there, else raw
 * @param bytes the size of the disk; of a file that is raw its own
 */
record ImageFile(VolumeFormat format, long bytes) {
    private static final int MAGIC = 0x514649fb;
    private static final int HEADER = 32;
    private static final int SIZE_AT = 24;

    /**
     * {@return what an image is}
     *
     * @throws IOException if it cannot be read
     */
    static ImageFile read(Path image) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // A file may come in pieces.
            }
            boolean qcow2 = header.position() == HEADER && header.getInt(0) == MAGIC;
            return qcow2
                    ? new ImageFile(VolumeFormat.QCOW2, header.getLong(SIZE_AT))
                    : new ImageFile(VolumeFormat.RAW, channel.size());
        }
    }
}
