/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import dev.microvm.codegen.java.SourceTree;
import dev.microvm.codegen.model.ModelFile;
import java.io.IOException;
import java.nio.file.Path;

/** Writes the Java sources of {@code microvm-qmp} that are made from the model. Needs no QEMU. */
public final class GenerateSources {
    private GenerateSources() {}

    /**
     * Generates.
     *
     * @param arguments the model's file and the source folder to fill
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("usage: GenerateSources MODEL FOLDER");
        }
        int files = SourceTree.write(ModelFile.read(Path.of(arguments[0])), Path.of(arguments[1]));
        System.out.println("generated " + files + " sources from " + arguments[0]);
    }
}
