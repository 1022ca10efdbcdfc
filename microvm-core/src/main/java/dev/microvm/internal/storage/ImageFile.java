/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * What the first bytes of a disk image say. (QEMU, docs/interop/qcow2.txt: magic {@code QFI\xfb}, the version at byte 4, the place and the
 * length of the backing file's name at bytes 8 and 16, the size of the disk at byte 24, from version 3 on the incompatible features at
 * byte 72; all big-endian.)
 *
 * @param format qcow2 where its magic is there, else raw
 * @param bytes the size of the disk; of a file that is raw its own
 * @param otherFile the other file that QEMU would open with a qcow2 image, in words: {@code "/srv/base" as its backing file}
 */
record ImageFile(VolumeFormat format, long bytes, Optional<String> otherFile) {
    private static final int MAGIC = 0x514649fb;
    private static final int VERSION_AT = 4;
    private static final int BACKING_AT = 8;
    private static final int BACKING_LENGTH_AT = 16;
    private static final int SIZE_AT = 24;
    private static final int LEAST_HEADER = 32;
    private static final int FEATURES_AT = 72;
    private static final int HEADER = 80;
    private static final long EXTERNAL_DATA_FILE = 1 << 2;

    /** More is refused by QEMU. */
    private static final int LONGEST_NAME = 1023;

    /**
     * {@return what an image is}
     *
     * @throws IOException if it cannot be read
     */
    static ImageFile read(Path image) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            int read = fill(channel, header, 0);
            // What is missing of a short file is zero: none of it is there.
            return read >= LEAST_HEADER && header.getInt(0) == MAGIC
                    ? new ImageFile(VolumeFormat.QCOW2, header.getLong(SIZE_AT), otherFile(channel, header))
                    : new ImageFile(VolumeFormat.RAW, channel.size(), Optional.empty());
        }
    }

    private static int fill(FileChannel channel, ByteBuffer buffer, long from) throws IOException {
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
            // A file may come in pieces.
        }
        return buffer.position();
    }

    private static Optional<String> otherFile(FileChannel channel, ByteBuffer header) throws IOException {
        long backing = header.getLong(BACKING_AT);
        if (backing != 0) {
            int length = Math.max(0, Math.min(header.getInt(BACKING_LENGTH_AT), LONGEST_NAME));
            ByteBuffer name = ByteBuffer.allocate(length);
            int read = backing > 0 ? fill(channel, name, backing) : 0;
            String text = new String(name.array(), 0, read, StandardCharsets.UTF_8);
            return Optional.of('"' + text.replaceAll("\\p{Cntrl}", "?") + "\" as its backing file");
        }
        boolean external = header.getInt(VERSION_AT) > 2 && (header.getLong(FEATURES_AT) & EXTERNAL_DATA_FILE) != 0;
        return external ? Optional.of("another file as that of its data") : Optional.empty();
    }
}
