/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.internal.process.ProgramSearch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds a statically linked busybox, the whole user land of the initramfs: {@code MICROVM_BUSYBOX}, else {@code busybox.static} (Alpine's
 * name) and {@code busybox} in {@code PATH}. A dynamic one would need its libraries in the image and fail there with nothing but
 * {@code No such file or directory}.
 */
public final class StaticBusybox {
    private static final int ELF_MAGIC = 0x464c_457f;
    private static final byte CLASS_64 = 2;
    private static final int HEADER_BYTES = 64;
    private static final int INTERPRETER = 3;
    private static final String CURE =
            "install busybox-static (Debian, Ubuntu: apt install busybox-static; Alpine: apk add"
                    + " busybox-static) or set MICROVM_BUSYBOX to a static busybox";

    private StaticBusybox() {}

    /** {@return the program, or why there is none and the cure} */
    public static Finding<Path> find(Map<String, String> environment) {
        String given = environment.getOrDefault("MICROVM_BUSYBOX", "");
        List<Path> candidates = new ArrayList<>();
        if (given.isEmpty()) {
            ProgramSearch.find("busybox.static", environment).ifPresent(candidates::add);
            ProgramSearch.find("busybox", environment).ifPresent(candidates::add);
        } else {
            candidates.add(Path.of(given));
        }
        List<String> reasons = new ArrayList<>();
        for (Path candidate : candidates) {
            Optional<String> reason = whyNot(candidate);
            if (reason.isEmpty()) {
                return Finding.of(candidate);
            }
            reasons.add(candidate + " " + reason.get());
        }
        String detail = reasons.isEmpty() ? "there is no busybox in PATH" : String.join("; ", reasons);
        return Finding.problem("busybox", detail, CURE);
    }

    static Optional<String> whyNot(Path file) {
        if (!ProgramSearch.isProgram(file)) {
            return Optional.of("is not a program that this user may execute");
        }
        try {
            return isDynamic(file) ? Optional.of("is dynamically linked") : Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be judged: " + e.getMessage());
        }
    }

    /** Looks for the program header that names a dynamic loader, PT_INTERP (elf(5)). */
    private static boolean isDynamic(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer header = read(channel, 0, HEADER_BYTES);
            if (header.getInt(0) != ELF_MAGIC || header.get(4) != CLASS_64) {
                throw new IOException("it is not a 64-bit ELF program");
            }
            long tableAt = header.getLong(32);
            int entryBytes = Short.toUnsignedInt(header.getShort(54));
            int entries = Short.toUnsignedInt(header.getShort(56));
            ByteBuffer table = read(channel, tableAt, entryBytes * entries);
            for (int i = 0; i < entries; i++) {
                if (table.getInt(i * entryBytes) == INTERPRETER) {
                    return true;
                }
            }
            return false;
        }
    }

    private static ByteBuffer read(SeekableByteChannel channel, long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        channel.position(at);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("it ends too early");
            }
        }
        return buffer;
    }
}
