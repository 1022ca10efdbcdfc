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

    String last() {
        int count = (int) Math.min(bytes, KEPT_BYTES);
        byte[] last = new byte[count];
        int at = (int) ((bytes - count) % KEPT_BYTES);
        int first = Math.min(count, KEPT_BYTES - at);
        System.arraycopy(ring, at, last, 0, first);
        System.arraycopy(ring, 0, last, first, count - first);
        return new String(last, StandardCharsets.UTF_8).replace("\r", "");
    }
}
