/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.SingleXZInputStream;

/**
 * The compressed kernel within an x86 boot image. (Linux, Documentation/arch/x86/boot.rst, {@code payload_offset}.)
 *
 * <p>Apart from {@link UncompressedKernel}, because the JVM loads the XZ library to verify this class: a start that finds its kernel
 * unpacked does not need it.
 */
final class BootImagePayload {
    // Offsets in the boot header, which has had the payload's place since protocol 2.08.
    private static final int SETUP_SECTORS_AT = 0x1f1;
    private static final int MAGIC_AT = 0x202;
    private static final int PROTOCOL_AT = 0x206;
    private static final int PAYLOAD_OFFSET_AT = 0x248;
    private static final int PAYLOAD_LENGTH_AT = 0x24c;
    private static final int MAGIC = 0x5372_6448;
    private static final int OLDEST_PROTOCOL = 0x208;
    private static final int SECTOR = 512;

    /** The build appends the unpacked size, except with gzip, whose format ends in it. */
    private static final int APPENDED_SIZE = 4;

    private final byte[] bytes;

    private BootImagePayload(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Finds it; throws where the image has another format. */
    static BootImagePayload of(byte[] image) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        if (image.length < PAYLOAD_LENGTH_AT + Integer.BYTES
                || header.getInt(MAGIC_AT) != MAGIC
                || Short.toUnsignedInt(header.getShort(PROTOCOL_AT)) < OLDEST_PROTOCOL) {
            throw new IOException("it is not an x86 boot image of protocol 2.08 or later");
        }
        int sectors = Byte.toUnsignedInt(header.get(SETUP_SECTORS_AT));
        // Zero means four, for images of the last century.
        long from = (long) ((sectors == 0 ? 4 : sectors) + 1) * SECTOR
                + Integer.toUnsignedLong(header.getInt(PAYLOAD_OFFSET_AT));
        long to = from + Integer.toUnsignedLong(header.getInt(PAYLOAD_LENGTH_AT));
        if (to > image.length || to - from < SECTOR) {
            throw new IOException("its payload is not within it");
        }
        return new BootImagePayload(Arrays.copyOfRange(image, (int) from, (int) to));
    }

    void unpackTo(OutputStream out, Zstd zstd) throws IOException, InterruptedException {
        if (startsWith(0x28, 0xb5, 0x2f, 0xfd)) {
            zstd.unpack(Arrays.copyOf(bytes, bytes.length - APPENDED_SIZE), out);
            return;
        }
        try (InputStream in = unpacking()) {
            in.transferTo(out);
        }
    }

    private InputStream unpacking() throws IOException {
        if (startsWith(0x1f, 0x8b)) {
            return new GZIPInputStream(new ByteArrayInputStream(bytes));
        }
        if (startsWith(0xfd, '7', 'z', 'X', 'Z', 0)) {
            return new SingleXZInputStream(new ByteArrayInputStream(bytes));
        }
        throw new IOException("it is compressed in a way other than gzip, xz and zstd");
    }

    private boolean startsWith(int... start) {
        for (int i = 0; i < start.length; i++) {
            if (bytes[i] != (byte) start[i]) {
                return false;
            }
        }
        return true;
    }
}
