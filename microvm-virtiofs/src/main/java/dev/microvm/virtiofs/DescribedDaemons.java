/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.qmp.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The daemons that distributions describe for libvirt in files of their own (QEMU, {@code docs/interop/vhost-user.json}): in the order of
 * their file names, and a file hides those of the same name in the folders after its own.
 */
final class DescribedDaemons {
    private DescribedDaemons() {}

    static List<Path> of(List<Path> folders) {
        Map<String, Path> files = new TreeMap<>();
        for (Path folder : folders) {
            try (Stream<Path> entries = Files.list(folder)) {
                entries.filter(file -> file.toString().endsWith(".json"))
                        .forEach(file -> files.putIfAbsent(file.getFileName().toString(), file));
            } catch (IOException e) {
                // most hosts have one of the folders at most
            }
        }
        List<Path> daemons = new ArrayList<>();
        files.values().forEach(file -> fileSystemDaemon(file).ifPresent(daemons::add));
        return daemons;
    }

    /** A file that cannot be understood must not keep the others from being looked at. */
    private static Optional<Path> fileSystemDaemon(Path file) {
        try {
            return JsonValue.parse(Files.readString(file)) instanceof JsonValue.Obj description
                            && text(description, "type").equals("fs")
                    ? Optional.of(text(description, "binary"))
                            .filter(binary -> binary.startsWith("/"))
                            .map(Path::of)
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String text(JsonValue.Obj object, String name) {
        return object.find(name)
                .filter(JsonValue.Str.class::isInstance)
                .map(value -> ((JsonValue.Str) value).value())
                .orElse("");
    }
}
