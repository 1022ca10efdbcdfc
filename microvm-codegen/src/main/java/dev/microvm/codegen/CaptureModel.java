/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import dev.microvm.codegen.merge.ModelSchema;
import dev.microvm.codegen.merge.SchemaMerge;
import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.model.ModelFile;
import dev.microvm.codegen.schema.Schema;
import dev.microvm.codegen.schema.SchemaReader;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks QEMUs for their schemas and writes the model from which the sources of {@code microvm-qmp} are made. Releases that the model knows
 * already and of which no QEMU is given stay as they are.
 */
public final class CaptureModel {
    private CaptureModel() {}

    /**
     * Captures, merges and writes.
     *
     * @param arguments the folder of {@code qmp-model.json}, {@code names.properties} and {@code names.lock}, then the programs of the QEMUs
     * @throws IOException if a QEMU cannot be asked or a file not be read or written
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 2) {
            System.err.println("usage: CaptureModel FOLDER QEMU...   (FOLDER: where qmp-model.json and the names are)");
            System.exit(2);
        }
        Path folder = Path.of(arguments[0]);
        Map<String, Schema> schemas = new TreeMap<>(Comparator.comparing(Version::parse));
        Map<String, String> versions = new TreeMap<>(Comparator.comparing(Version::parse));
        Path file = folder.resolve("qmp-model.json");
        if (Files.exists(file)) {
            Model known = ModelFile.read(file);
            known.releases().keySet().forEach(release -> schemas.put(release, ModelSchema.of(known, release)));
            versions.putAll(known.releases());
        }
        for (String qemu : List.of(arguments).subList(1, arguments.length)) {
            SchemaCapture.Schema captured = SchemaCapture.of(List.of(qemu));
            String release = captured.version().replaceFirst("\\.\\d+$", "");
            System.out.println("QEMU " + captured.version() + ": " + captured.count("command") + " commands, "
                    + captured.count("event") + " events");
            schemas.put(release, SchemaReader.read(release, captured.entries()));
            versions.put(release, captured.version());
        }
        SchemaMerge merge = new SchemaMerge(
                List.copyOf(schemas.values()),
                names(folder.resolve("names.lock")),
                names(folder.resolve("names.properties")));
        ModelFile.write(merge.model(versions), file);
        List<String> lock = new ArrayList<>(
                List.of(
                        "# Written with the model: the Java names of all types, by where the type stands. A published name never changes."));
        merge.lock().forEach((path, name) -> lock.add(path + " = " + name));
        Files.write(folder.resolve("names.lock"), lock);
        System.out.println("wrote " + merge.lock().size() + " types to " + file);
    }

    /** Lines of the form {@code path = Name}. Not java.util.Properties, for which a colon or a backslash would mean something. */
    static Map<String, String> names(Path file) throws IOException {
        Map<String, String> names = new TreeMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] parts = line.split("=", 2);
                    names.put(parts[0].strip(), parts[1].strip());
                }
            }
        }
        return names;
    }
}
