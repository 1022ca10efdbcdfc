/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads, and on demand writes, the golden command lines: one argument a line. */
final class GoldenFile {
    private GoldenFile() {}

    static List<String> read(String name) {
        try (InputStream in = GoldenFile.class.getResourceAsStream("/golden/" + name + ".args")) {
            if (in == null) {
                return List.of(
                        "no golden file " + name + ".args: run the test with GOLDEN_UPDATE=1 and read what it wrote");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes into the source tree where the environment asks for it; the change is then read in the diff. */
    static void updateIfAsked(String name, List<String> arguments) throws IOException {
        if (System.getenv("GOLDEN_UPDATE") != null) {
            Path file = Path.of("src/test/resources/golden", name + ".args");
            Files.writeString(file, String.join("\n", arguments) + "\n");
        }
    }

    /** {@return the arguments with {@code /RUN} and its like shown as {@code $RUN}} */
    static List<String> withPlaceholders(List<String> arguments) {
        return arguments.stream().map(GoldenFile::withPlaceholders).toList();
    }

    private static String withPlaceholders(String argument) {
        String text = argument;
        for (String name : GoldenCase.PLACEHOLDERS) {
            text = text.replace("/" + name, "$" + name);
        }
        return text;
    }
}
