/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/**
 * Takes line numbers, names of local variables and of parameters out of the classes of generated packages. They are a tenth of the jar, and
 * nobody steps through a generated reader; the classes written by hand keep theirs. The compiler has one setting for a whole module.
 */
public final class StripDebugInfo {
    private StripDebugInfo() {}

    /**
     * Strips.
     *
     * @param arguments the folders of the packages' classes; folders below them are left alone
     * @throws IOException if a class cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        for (String folder : arguments) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".class")).toList()) {
                    strip(file);
                }
            }
        }
    }

    /** A class that has nothing to strip is left as it is, also its time, for compilers look at that. */
    private static void strip(Path file) throws IOException {
        byte[] before = Files.readAllBytes(file);
        ClassWriter stripped = new ClassWriter(0);
        new ClassReader(before).accept(stripped, ClassReader.SKIP_DEBUG);
        byte[] after = stripped.toByteArray();
        if (after.length < before.length) {
            Files.write(file, after);
        }
    }
}
