/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;

/**
 * The owner and mode of a file by its descriptor: Java has neither fchown(2) nor fchmod(2) for a channel, and a name may lead to something
 * else by now. {@code /proc/self/fd/N} leads to what is open as N and nowhere else (proc(5)).
 */
final class OpenFile {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private OpenFile() {}

    /**
     * {@return the view of a file that this JVM has open}
     *
     * @param open keeps the descriptor open, and so what the view leads to the same, for as long as it is not closed
     * @param name the file's name, which no other file on this host has
     * @throws IOException if it has that name no more
     */
    static PosixFileAttributeView named(SeekableByteChannel open, Path name) throws IOException {
        if (open.isOpen()) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
                for (Path descriptor : all) {
                    if (leadsTo(descriptor, name)) {
                        return Files.getFileAttributeView(descriptor, PosixFileAttributeView.class);
                    }
                }
            }
        }
        throw new FileSystemException(
                name.toString(), null, "was renamed or removed while it was made; a guest may have done that");
    }

    private static boolean leadsTo(Path descriptor, Path name) {
        try {
            return Files.readSymbolicLink(descriptor).endsWith(name);
        } catch (IOException e) {
            return false; // closed meanwhile, by another thread
        }
    }
}
