/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts a console into lines for one sink. Not thread-safe. */
final class ConsoleReader {
    /** A guest that never ends a line must not fill the host's memory. */
    private static final int LONGEST_LINE = 64 << 10;

    private final Consumer<String> sink;
    private final boolean unfinishedToo;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long position;

    /**
     * Creates one.
     *
     * @param unfinishedToo whether the sink also gets a line that is not ended yet, again and again as it grows
     */
    ConsoleReader(Consumer<String> sink, boolean unfinishedToo) {
        this.sink = sink;
        this.unfinishedToo = unfinishedToo;
    }

    /** {@return how much of the console it has been handed, or was passed over} */
    long position() {
        return position;
    }

    /** What is passed over may hold the end of the line that was begun, and the beginning of the next one. */
    void skipTo(long later) {
        position = later;
        line.reset();
    }

    void take(ByteBuffer chunk) {
        position += chunk.remaining();
        while (chunk.hasRemaining()) {
            byte next = chunk.get();
            if (next == '\n') {
                give();
                line.reset();
            } else if (next != '\r' && line.size() < LONGEST_LINE) {
                line.write(next);
            }
        }
        if (unfinishedToo && line.size() > 0) {
            give();
        }
    }

    private void give() {
        sink.accept(line.toString(StandardCharsets.UTF_8));
    }
}
