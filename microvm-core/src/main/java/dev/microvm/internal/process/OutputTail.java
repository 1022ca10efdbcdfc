/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The last lines of an output, for error messages. Thread-safe. */
public final class OutputTail {
    /** As many lines as a message can bear. */
    public static final int DEFAULT_LINES = 50;

    /** What is read from the end of a file at most: 50 lines of over a thousand characters. */
    private static final int FILE_BYTES = 64 * 1024;

    private final int limit;
    private final Deque<String> lines = new ArrayDeque<>();

    /**
     * Creates an empty tail.
     *
     * @param limit how many lines are kept, at least 1
     */
    public OutputTail(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit = " + limit + ": must be at least 1");
        }
        this.limit = limit;
    }

    /** Adds a line; drops the oldest where there would be too many. */
    public synchronized void add(String line) {
        if (lines.size() == limit) {
            lines.removeFirst();
        }
        lines.addLast(line);
    }

    /** {@return the lines kept, oldest first; a copy} */
    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /**
     * {@return the last lines of a file, oldest first, from its last 64 KiB; empty where there is no such file}
     *
     * @param file a file that may be growing
     * @param limit how many lines at most
     */
    public static List<String> ofFile(Path file, int limit) {
        byte[] end;
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "r")) {
            long length = access.length();
            end = new byte[(int) Math.min(length, FILE_BYTES)];
            access.seek(length - end.length);
            access.readFully(end);
        } catch (IOException e) {
            // There is nothing to show; a tail is read while another failure is being told, and must not hide it.
            return List.of();
        }
        List<String> all =
                new ArrayList<>(new String(end, StandardCharsets.UTF_8).lines().toList());
        if (end.length == FILE_BYTES && all.size() > 1) {
            all.remove(0); // most likely cut in the middle
        }
        return List.copyOf(all.subList(Math.max(0, all.size() - limit), all.size()));
    }
}
