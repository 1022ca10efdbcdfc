/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** The folder of one VM: made before the lifeline, removed by the lifeline, and from here where the lifeline could not. */
public final class StateFolder {
    /** The lifeline's program; what tells a state folder from any other. */
    public static final String SCRIPT = "lifeline.sh";

    private StateFolder() {}

    /** Makes the folder with the lifeline's program in it. One that exists already belongs to somebody else. */
    static void create(Path folder) {
        create(folder, SCRIPT);
    }

    static void create(Path folder, String resource) {
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            boolean complete = false;
            try (InputStream script =
                    Objects.requireNonNull(StateFolder.class.getResourceAsStream(resource), resource)) {
                Files.copy(script, folder.resolve(SCRIPT));
                complete = true;
            } finally {
                if (!complete) {
                    FileTree.delete(folder);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the state folder " + folder + ": " + e, e);
        }
    }
}
