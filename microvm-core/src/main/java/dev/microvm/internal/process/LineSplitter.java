/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts a stream of UTF-8 bytes into lines; used by one thread. What stands after the last LF becomes a line on {@link #close()}. */
public final class LineSplitter extends OutputStream {
    /** A program that never ends its line must not fill the memory. */
    static final int MAX_LINE_BYTES = 16 * 1024;

    private final Consumer<String> lines;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** Creates one that gives each line, without its LF or CR LF, to a consumer. */
    public LineSplitter(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void write(int b) {
        if (b == '\n') {
            flushLine();
            return;
        }
        line.write(b);
        if (line.size() >= MAX_LINE_BYTES) {
            flushLine();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    @Override
    public void close() {
        if (line.size() > 0) {
            flushLine();
        }
    }

    private void flushLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        lines.accept(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    }
}
