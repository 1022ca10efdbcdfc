/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.model.ModelFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/** The model from which the sources of microvm-qmp are made, as it is in the repository. */
public final class CommittedModel {
    /** Where it and its names are; tests run in the folder of their module. */
    public static final Path FOLDER = Path.of("../microvm-qmp/src/main/qmp");

    private CommittedModel() {}

    /** {@return the model} */
    public static Model read() {
        try {
            return ModelFile.read(FOLDER.resolve("qmp-model.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * {@return names by path}
     *
     * @param file the name of the file
     */
    public static Map<String, String> names(String file) {
        try {
            return CaptureModel.names(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
