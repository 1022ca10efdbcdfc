/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Programs that stand in for a virtiofsd. */
final class Scripts {
    private Scripts() {}

    static Path write(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    /** {@return a program that says it is virtiofsd 1.13.2 and then does something else} */
    static Path daemon(Path file, String body) throws IOException {
        return write(
                file,
                "[ \"$1\" = --version ] && echo virtiofsd 1.13.2 && exit\n[ \"$1\" = --print-capabilities ] && exit\n"
                        + body);
    }
}
