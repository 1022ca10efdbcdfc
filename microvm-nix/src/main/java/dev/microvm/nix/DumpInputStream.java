/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** The text of a dump, made record by record while it is read, so that it never stands in memory as a whole. */
final class DumpInputStream extends InputStream {
    private final DumpRows rows;
    private int next;
    private byte[] buffer = new byte[8192];
    private int start;
    private int end;

    DumpInputStream(DumpRows rows) {
        this.rows = rows;
    }

    @Override
    public int read() {
        return fill() ? buffer[start++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        int done = 0;
        while (done < length && fill()) {
            int n = Math.min(length - done, end - start);
            System.arraycopy(buffer, start, target, offset + done, n);
            start += n;
            done += n;
        }
        return done == 0 && length > 0 ? -1 : done;
    }

    @Override
    public int available() {
        return end - start;
    }

    private boolean fill() {
        if (start == end && next < rows.size()) {
            start = 0;
            end = 0;
            render(next++);
        }
        return start < end;
    }

    private void render(int position) {
        DumpRows.Row row = rows.row(position);
        line(row.path());
        line(row.hash());
        line(ascii(row.narSize()));
        byte[] deriver = row.deriver();
        line(deriver == null ? new byte[0] : deriver);
        int count = rows.referencesOf(position);
        line(ascii(count));
        for (int i = 0; i < count; i++) {
            line(rows.reference(position, i));
        }
    }

    private void line(byte[] text) {
        int needed = end + text.length + 1;
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(needed, 2 * buffer.length));
        }
        System.arraycopy(text, 0, buffer, end, text.length);
        buffer[needed - 1] = '\n';
        end = needed;
    }

    private static byte[] ascii(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
