/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * Builds an initramfs archive in memory: cpio "newc", the only format the kernel unpacks. (Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst.) Equal contents give equal bytes: times are 0, inodes count up, root owns
 * everything.
 */
final class CpioImage {
    private static final int BLOCK_SIZE = 512;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CpioArchiveOutputStream out =
            new CpioArchiveOutputStream(bytes, CpioConstants.FORMAT_NEW, BLOCK_SIZE, StandardCharsets.UTF_8.name());
    private long inode;

    CpioImage folder(String path) {
        return put(entry(path, CpioConstants.C_ISDIR | 0755), new byte[0]);
    }

    CpioImage file(String path, int mode, byte[] content) {
        return put(entry(path, CpioConstants.C_ISREG | mode), content);
    }

    CpioImage link(String path, String target) {
        return put(entry(path, CpioConstants.C_ISLNK | 0777), target.getBytes(StandardCharsets.UTF_8));
    }

    CpioImage characterDevice(String path, int mode, int major, int minor) {
        CpioArchiveEntry entry = entry(path, CpioConstants.C_ISCHR | mode);
        entry.setRemoteDeviceMaj(major);
        entry.setRemoteDeviceMin(minor);
        return put(entry, new byte[0]);
    }

    private CpioArchiveEntry entry(String path, int mode) {
        CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, path);
        entry.setMode(mode);
        entry.setInode(++inode);
        entry.setNumberOfLinks(1);
        entry.setTime(0);
        return entry;
    }

    private CpioImage put(CpioArchiveEntry entry, byte[] content) {
        try {
            entry.setSize(content.length);
            out.putArchiveEntry(entry);
            out.write(content);
            out.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot put " + entry.getName() + " into the archive", e);
        }
    }

    /** {@return the finished archive; nothing can be added afterwards} */
    byte[] toBytes() {
        try {
            out.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot finish the archive", e);
        }
    }
}
