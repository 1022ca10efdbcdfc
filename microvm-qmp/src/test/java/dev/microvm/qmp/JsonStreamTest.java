/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonStreamTest {
    private final List<JsonValue> seen = new ArrayList<>();

    private void feed(JsonStream stream, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        stream.feed(bytes, bytes.length, seen::add);
    }

    @Test
    void passesOnAMessageWithItsLastByteAndWithoutALineEnd() throws IOException {
        JsonStream stream = new JsonStream(1000);
        feed(stream, "{\"return\": {}");
        assertThat(seen).isEmpty();
        feed(stream, "}");
        assertThat(seen).hasSize(1);
    }

    @Test
    void readsPrettyOutput() throws IOException {
        feed(new JsonStream(1000), "{\r\n    \"return\": {\r\n    },\r\n    \"id\": 0\r\n}\r\n");
        assertThat(seen).containsExactly(JsonValue.parse("{\"return\":{},\"id\":0}"));
    }

    @Test
    void refusesWhatIsNotJson() throws IOException {
        JsonStream stream = new JsonStream(1000);
        assertThatThrownBy(() -> feed(stream, "SSH-2.0-OpenSSH\r\n")).isInstanceOf(QmpProtocolException.class);
    }

    @Test
    void refusesAMessageThatIsTooLong() throws IOException {
        JsonStream stream = new JsonStream(1000);
        for (int i = 0; i < 100; i++) {
            feed(stream, "{\"event\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}\r\n");
        }
        assertThat(seen).hasSize(100);
        feed(stream, "{\"a\":\"");
        feed(stream, "x".repeat(900));
        assertThatThrownBy(() -> feed(stream, "x".repeat(200)))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("maxReplyBytes");
    }

    @Test
    void readsAMessageOfTwentyMegabytes() throws IOException {
        String text = "y".repeat(25 << 20);
        feed(new JsonStream(64 << 20), "{\"return\":\"" + text + "\"}");
        assertThat(((JsonValue.Obj) seen.get(0)).string("return")).hasSize(25 << 20);
    }

    /** What the user allows is what limits a message, and not something of the parser's own. */
    @Test
    void readsATextAsLongAsItsLimitAllows() throws IOException {
        JsonStream stream = new JsonStream(100 << 20);
        feed(stream, "{\"return\":\"");
        String megabyte = "y".repeat(1 << 20);
        for (int i = 0; i < 65; i++) {
            feed(stream, megabyte);
        }
        feed(stream, "\"}");
        assertThat(((JsonValue.Obj) seen.get(0)).string("return")).hasSize(65 << 20);
    }
}
