/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The ELF kernel within a bzImage. QEMU enters it directly by its PVH note, and the guest is spared the decompression, which under TCG
 * is most of the boot: 1.9 s instead of 4.8 s to the first program (QEMU 7.2, Debian's 6.1 kernel).
 *
 * <p>The layout is that of Linux, Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, "HdrS" at 0x202, payload_offset at 0x248,
 * payload_length at 0x24c.
 */
public final class UncompressedKernel {
    private static final byte[] GZIP = {0x1f, (byte) 0x8b};
    private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
    /** The entry point for PVH, a note named "Xen" of type 18 (Xen, public/elfnote.h); without it QEMU cannot enter an ELF. */
    private static final int PVH_ENTRY = 18;

    private UncompressedKernel() {}

    /**
     * {@return the ELF within a bzImage; empty where the image is no bzImage, is compressed in a way not read here (zstd, lz4, lzma), or
     * holds a kernel without a PVH entry}
     *
     * @throws IOException if the image cannot be read
     */
    public static Optional<byte[]> in(Path bzImage) throws IOException {
        ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(bzImage)).order(ByteOrder.LITTLE_ENDIAN);
        if (image.limit() < 0x250 || !ascii(image, 0x202, 4).equals("HdrS")) {
            return Optional.empty();
        }
        int setupSectors = Byte.toUnsignedInt(image.get(0x1f1));
        long offset = (setupSectors == 0 ? 4 : setupSectors) * 512L + 512 + Integer.toUnsignedLong(image.getInt(0x248));
        long length = Integer.toUnsignedLong(image.getInt(0x24c));
        if (offset + length > image.limit()) {
            return Optional.empty();
        }
        byte[] payload = Arrays.copyOfRange(image.array(), (int) offset, (int) (offset + length));
        return decompress(payload).filter(UncompressedKernel::hasPvhEntry);
    }

    private static Optional<byte[]> decompress(byte[] payload) throws IOException {
        if (startsWith(payload, GZIP)) {
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(payload))) {
                return Optional.of(in.readAllBytes());
            }
        }
        if (startsWith(payload, XZ)) {
            // The last four bytes are the size of what is compressed, which is no part of the xz stream.
            try (InputStream in = new XZInputStream(new ByteArrayInputStream(payload, 0, payload.length - 4))) {
                return Optional.of(in.readAllBytes());
            }
        }
        return Optional.empty();
    }

    private static boolean hasPvhEntry(byte[] kernel) {
        if (!startsWith(kernel, ELF) || kernel.length < 64) {
            return false;
        }
        ByteBuffer elf = ByteBuffer.wrap(kernel).order(ByteOrder.LITTLE_ENDIAN);
        long headers = elf.getLong(32);
        int size = Short.toUnsignedInt(elf.getShort(54));
        int count = Short.toUnsignedInt(elf.getShort(56));
        for (int i = 0; i < count; i++) {
            int header = (int) headers + i * size;
            if (elf.getInt(header) == 4 && noteIsThere(elf, (int) elf.getLong(header + 8), (int) elf.getLong(header + 32))) {
                return true;
            }
        }
        return false;
    }

    private static boolean noteIsThere(ByteBuffer elf, int start, int length) {
        int at = start;
        while (at + 12 <= start + length && at + 12 <= elf.limit()) {
            int nameSize = elf.getInt(at);
            int valueSize = elf.getInt(at + 4);
            int type = elf.getInt(at + 8);
            if (type == PVH_ENTRY && nameSize == 4 && ascii(elf, at + 12, 3).equals("Xen")) {
                return true;
            }
            at += 12 + (nameSize + 3 & ~3) + (valueSize + 3 & ~3);
        }
        return false;
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    private static String ascii(ByteBuffer bytes, int offset, int length) {
        return new String(bytes.array(), offset, length, StandardCharsets.US_ASCII);
    }
}
