/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Runs in a guest: writes and syncs for ever, a new file and the next line of one that it keeps open, and makes an empty file for each round
 * when all of it was synced. One process, for any that ends or closes a copy of the open file's descriptor has the kernel write it back.
 */
final class GuestSyncProgram {
    static final int FILE_BYTES = 65_536;

    private GuestSyncProgram() {}

    /** Arguments: the folder of the new files, the folder of the one that stays open. */
    public static void main(String[] arguments) throws IOException {
        Path files = Path.of(arguments[0]);
        Path log = Files.createFile(Path.of(arguments[1]).resolve("log"));
        // Not by the descriptor that created it: virtiofsd 1.13.2 forgets the right to read there, which kept-back
        // writes need.
        try (FileChannel open = FileChannel.open(log, StandardOpenOption.WRITE)) {
            for (int i = 0; ; i++) {
                try (FileChannel file = FileChannel.open(
                        files.resolve("f" + i), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                    write(file, String.format("%0" + FILE_BYTES + "d", i));
                    file.force(false);
                }
                write(open, "line " + i + "\n");
                open.force(false);
                Files.createFile(files.resolve("ok" + i));
            }
        }
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
