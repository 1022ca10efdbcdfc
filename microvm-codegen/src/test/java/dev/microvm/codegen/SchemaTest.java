/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SchemaTest {
    @Test
    void countsEntriesByMetaType() throws IOException {
        SchemaCapture.Schema schema = new SchemaCapture.Schema(
                "7.2.0",
                new ObjectMapper()
                        .readTree(
                                "[{\"meta-type\":\"command\",\"name\":\"quit\"},{\"meta-type\":\"command\",\"name\":\"stop\"},"
                                        + "{\"meta-type\":\"event\",\"name\":\"STOP\"},{\"name\":\"nameless\"}]"));

        assertThat(schema.count("command")).isEqualTo(2);
        assertThat(schema.count("event")).isEqualTo(1);
        assertThat(schema.count("enum")).isZero();
    }
}
