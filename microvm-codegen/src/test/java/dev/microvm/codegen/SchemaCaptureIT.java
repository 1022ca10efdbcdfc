/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SchemaCaptureIT {
    private static final String QEMU = "qemu-system-x86_64";

    @Test
    void readsTheSchemaOfARealQemu() throws Exception {
        boolean found = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, QEMU)));
        assumeTrue(found || Boolean.getBoolean("microvm.it.required"), QEMU + " is in PATH");

        SchemaCapture.Schema schema = SchemaCapture.of(List.of(QEMU));

        assertThat(schema.version()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(schema.count("command")).as("commands; 7.2 has 216").isGreaterThanOrEqualTo(216);
        assertThat(schema.count("event")).as("events; 7.2 has 52").isGreaterThanOrEqualTo(52);
    }

    @Test
    void saysWhatAProgramThatIsNoQemuSaid() {
        assertThatThrownBy(() -> SchemaCapture.of(List.of("sh", "-c", "echo not QEMU; exit 3", "sh")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("exit code 3")
                .hasMessageContaining("not QEMU");
    }
}
