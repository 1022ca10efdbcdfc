/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The end of a console's text, and whether the kernel has panicked. Not thread-safe. */
final class ConsoleText {
    static final int KEPT_BYTES = 64 << 10;

    private static final String PANIC = "Kernel panic - not syncing";

    private final byte[] ring = new byte[KEPT_BYTES];
    private final ConsoleReader panic = new ConsoleReader(this::look, true);
    private long bytes;
    private long keptFrom;
    private boolean panicked;

    void take(ByteBuffer chunk) {
        panic.take(chunk.duplicate());
        while (chunk.hasRemaining()) {
            int at = (int) (bytes % KEPT_BYTES);
            int count = Math.min(chunk.remaining(), KEPT_BYTES - at);
            chunk.get(ring, at, count);
            bytes += count;
        }
    }

    /** Goes on after bytes that nobody has read; a note takes the place of the last of them. */
    void passOver(long count, byte[] note) {
        bytes += count - note.length;
        keptFrom = bytes;
        panic.skipTo(bytes);
        take(ByteBuffer.wrap(note));
    }

    private void look(String line) {
        panicked |= line.contains(PANIC);
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    boolean panicked() {
        return panicked;
    }

    /** {@return the position of the oldest byte that is kept} */
    long firstKept() {
        return Math.max(keptFrom, bytes - KEPT_BYTES);
    }

    /** {@return a copy of what is kept from a position on, which must not be before the first kept one} */
    ByteBuffer from(long position) {
        int count = (int) (bytes - position);
        byte[] copy = new byte[count];
        int at = (int) (position % KEPT_BYTES);
        int first = Math.min(count, KEPT_BYTES - at);
        System.arraycopy(ring, at, copy, 0, first);
        System.arraycopy(ring, 0, copy, first, count - first);
        return ByteBuffer.wrap(copy);
    }

    String last() {
        return StandardCharsets.UTF_8.decode(from(firstKept())).toString().replace("\r", "");
    }
}
