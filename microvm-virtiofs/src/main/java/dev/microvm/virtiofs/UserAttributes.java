/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Optional;

/**
 * Whether a file system keeps extended attributes of users (xattr(7), {@code user.*}), found out by asking the folder for one that is not
 * there. (The JDK's {@code FileStore} knows ext4 by its name and asks the others at their mount point, which may be closed to this user.)
 */
final class UserAttributes {
    private static final String ABSENT = "microvm.never-set";

    /** A file system that has none and is always there: the kernel's words for that, in whatever language, are taken from it. */
    private static final Path WITHOUT = Path.of("/proc/self");

    private UserAttributes() {}

    /** {@return whether they are kept; true where only the right to ask is missing} */
    static boolean areKeptBy(Path folder) {
        Optional<String> answer = answer(folder);
        return answer.isEmpty() || !answer.equals(answer(WITHOUT));
    }

    private static Optional<String> answer(Path folder) {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(folder, UserDefinedFileAttributeView.class);
        if (view == null) {
            return Optional.empty();
        }
        try {
            int unused = view.size(ABSENT);
            return Optional.empty();
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            return Optional.of(message.substring(message.lastIndexOf(": ") + 1));
        }
    }
}
