/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Takes the ELF kernel out of an x86 boot image, once for each kernel, so that no guest has to: under TCG the guest's own unpacking is most
 * of the time to its first process: 11.7 s from start to the panic without a root became 2.8 s (QEMU 7.2, Debian 6.1, one run each on a host at load
 * 9); unpacking here took 3.3 s, once. QEMU enters an ELF kernel by its
 * PVH note. (Linux, Documentation/arch/x86/boot.rst, {@code payload_offset}.)
 */
public final class UncompressedKernel {
    /** Five kernels of 65 MB, which is what Debian's is. */
    private static final long MAX_BYTES = 350L * 1024 * 1024;

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
            return cache.get(key(kernel), file -> unpack(kernel.image(), file));
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(UncompressedKernel.class.getName())
                    .log(
                            System.Logger.Level.DEBUG,
                            "the guest unpacks " + kernel.image() + " itself, which takes longer: " + e.getMessage(),
                            e);
            return kernel.image();
        }
    }

    /**
     * {@return where the unpacked kernel is, or would be if it can be unpacked; nothing is made}
     *
     * @throws IOException if the image cannot be looked at
     */
    public Path place(KernelImage kernel) throws IOException {
        return cache.place(key(kernel));
    }

    private static String key(KernelImage kernel) throws IOException {
        List<String> identity = ProbeResults.identityOf(kernel.image());
        return kernel.release() + "-" + Integer.toHexString(identity.hashCode());
    }

    private void unpack(Path image, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            BootImagePayload.of(Files.readAllBytes(image)).unpackTo(out, zstd);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unpacking " + image, e);
        }
        PvhNote.require(file);
    }

    /** {@return the cache of unpacked kernels, to look at and to clear} */
    public SizedCache cache() {
        return cache;
    }
}
