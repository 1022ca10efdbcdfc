/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.SingleXZInputStream;

/**
 * Takes the ELF kernel out of an x86 boot image, once for each kernel, so that no guest has to: under TCG the guest's own unpacking is most
 * of the time to its first process: 11.7 s from start to the panic without a root became 2.8 s (QEMU 7.2, Debian 6.1, one run each on a host at load
 * 9); unpacking here took 3.3 s, once. QEMU enters an ELF kernel by its
 * PVH note. (Linux, Documentation/arch/x86/boot.rst, {@code payload_offset}.)
 */
public final class UncompressedKernel {
    /** Five kernels of 65 MB, which is what Debian's is. */
    private static final long MAX_BYTES = 350L * 1024 * 1024;

    private static final System.Logger LOG = System.getLogger(UncompressedKernel.class.getName());

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

    private final SizedCache cache;
    private final Zstd zstd;

    UncompressedKernel(CacheFolder cache, Zstd zstd) {
        this.cache = cache.sized("vmlinux", MAX_BYTES);
        this.zstd = zstd;
    }

    /**
     * {@return the kernel to boot: unpacked where that is possible, else the image as it is}
     *
     * @param kernel a kernel for x86_64
     * @throws InterruptedException if the calling thread is interrupted
     */
    public Path of(KernelImage kernel) throws InterruptedException {
        try {
            List<String> identity = ProbeResults.identityOf(kernel.image());
            String key = kernel.release() + "-" + Integer.toHexString(identity.hashCode());
            return cache.get(key, file -> unpack(kernel.image(), file));
        } catch (IOException | UncheckedIOException e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "the guest unpacks " + kernel.image() + " itself, which takes longer: " + e.getMessage(),
                    e);
            return kernel.image();
        }
    }

    private void unpack(Path image, Path file) throws IOException {
        byte[] payload = payloadOf(Files.readAllBytes(image));
        try (OutputStream out = Files.newOutputStream(file)) {
            if (startsWith(payload, 0x28, 0xb5, 0x2f, 0xfd)) {
                zstd.unpack(Arrays.copyOf(payload, payload.length - APPENDED_SIZE), out);
            } else {
                try (InputStream in = unpacking(payload)) {
                    in.transferTo(out);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unpacking " + image, e);
        }
        PvhNote.require(file);
    }

    private static InputStream unpacking(byte[] payload) throws IOException {
        if (startsWith(payload, 0x1f, 0x8b)) {
            return new GZIPInputStream(new ByteArrayInputStream(payload));
        }
        if (startsWith(payload, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return new SingleXZInputStream(new ByteArrayInputStream(payload));
        }
        throw new IOException("it is compressed in a way other than gzip, xz and zstd");
    }

    private static byte[] payloadOf(byte[] image) throws IOException {
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
        return Arrays.copyOfRange(image, (int) from, (int) to);
    }

    private static boolean startsWith(byte[] bytes, int... start) {
        for (int i = 0; i < start.length; i++) {
            if (bytes[i] != (byte) start[i]) {
                return false;
            }
        }
        return true;
    }

    /** {@return the cache of unpacked kernels, to look at and to clear} */
    public SizedCache cache() {
        return cache;
    }
}
