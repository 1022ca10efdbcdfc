/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The note in an ELF kernel that says where QEMU enters it ({@code XEN_ELFNOTE_PHYS32_ENTRY}, number 18, owner "Xen"); kernels without
 * {@code CONFIG_PVH} have none, and QEMU refuses these. (elf(5); Linux, {@code arch/x86/platform/pvh/head.S}.)
 */
final class PvhNote {
    private static final int ELF_MAGIC = 0x464c_457f;
    private static final int HEADER_BYTES = 64;
    private static final int NOTE_SEGMENT = 4;
    private static final int ENTRY_NOTE = 18;
    private static final byte[] OWNER = "Xen\0".getBytes(StandardCharsets.US_ASCII);
    private static final int NOTE_HEADER_BYTES = 12;
    private static final int LARGEST_NOTES = 1 << 20;

    private PvhNote() {}

    /** Throws if a file is not an ELF kernel with that note. */
    static void require(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = read(channel, 0, HEADER_BYTES);
            if (header.getInt(0) != ELF_MAGIC) {
                throw new IOException("what was unpacked is not an ELF file");
            }
            int entryBytes = Short.toUnsignedInt(header.getShort(54));
            int entries = Short.toUnsignedInt(header.getShort(56));
            ByteBuffer table = read(channel, header.getLong(32), entryBytes * entries);
            for (int at = 0; at < table.limit(); at += entryBytes) {
                long bytes = table.getLong(at + 32);
                if (table.getInt(at) == NOTE_SEGMENT
                        && bytes < LARGEST_NOTES
                        && hasEntry(read(channel, table.getLong(at + 8), (int) bytes))) {
                    return;
                }
            }
            throw new IOException("it has no PVH entry: built without CONFIG_PVH");
        }
    }

    /** A note: lengths of owner and value, number, then both, each padded to four bytes. */
    private static boolean hasEntry(ByteBuffer notes) {
        int at = 0;
        while (at + NOTE_HEADER_BYTES + OWNER.length <= notes.limit()) {
            int ownerBytes = notes.getInt(at);
            int valueBytes = notes.getInt(at + 4);
            if (ownerBytes < 0 || valueBytes < 0) {
                return false;
            }
            byte[] owner = new byte[OWNER.length];
            notes.get(at + NOTE_HEADER_BYTES, owner);
            if (notes.getInt(at + 8) == ENTRY_NOTE && Arrays.equals(owner, OWNER)) {
                return true;
            }
            at = Math.addExact(at, NOTE_HEADER_BYTES + padded(ownerBytes) + padded(valueBytes));
        }
        return false;
    }

    private static int padded(int bytes) {
        return (bytes + 3) & ~3;
    }

    private static ByteBuffer read(FileChannel channel, long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (long from = at; buffer.hasRemaining(); from = at + buffer.position()) {
            if (channel.read(buffer, from) < 0) {
                throw new IOException("the ELF file ends too early");
            }
        }
        return buffer.flip();
    }
}
