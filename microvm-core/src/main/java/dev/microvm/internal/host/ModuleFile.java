/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The file of a kernel module.
 *
 * @param name the module's name, with {@code _} for {@code -}
 * @param file the file, possibly compressed: {@code .ko}, {@code .ko.gz}, {@code .ko.xz}, {@code .ko.zst}
 */
public record ModuleFile(String name, Path file) {
    /** {@return whether reading it takes the program {@code zstd}: no Java library of ours reads that format} */
    public boolean needsZstd() {
        return file.toString().endsWith(".zst");
    }

    /**
     * {@return the module itself, unpacked: what {@code insmod} takes, which (unlike {@code modprobe}) unpacks nothing}
     *
     * @param zstd unpacks {@code .zst}; see {@link Zstd}
     * @throws IOException if it cannot be read or unpacked; the message names the file
     * @throws InterruptedException if the calling thread is interrupted while {@code zstd} runs
     */
    public byte[] bytes(Zstd zstd) throws IOException, InterruptedException {
        if (needsZstd()) {
            return zstd.unpack(file);
        }
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = unpacking(raw)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IOException("cannot read the kernel module " + file + ": " + e.getMessage(), e);
        }
    }

    private InputStream unpacking(InputStream raw) throws IOException {
        String text = file.toString();
        if (text.endsWith(".xz")) {
            return Xz.unpacking(raw);
        }
        return text.endsWith(".gz") ? new GZIPInputStream(raw) : raw;
    }

    /** Apart, because the JVM loads the XZ library to verify it, and every start looks at module files but few read one. */
    private static final class Xz {
        static InputStream unpacking(InputStream raw) throws IOException {
            return new XZInputStream(raw);
        }
    }
}
