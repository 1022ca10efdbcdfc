/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.Stop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is found by the schema of a QEMU, here a made-up one with every kind of type. */
class QmpSchemaTest extends AbstractSessionTest {
    private static final String SCHEMA = "["
            + "{\"name\":\"query-status\",\"meta-type\":\"command\",\"arg-type\":\"0\",\"ret-type\":\"0\"},"
            + "{\"name\":\"device_add\",\"meta-type\":\"command\",\"arg-type\":\"1\",\"ret-type\":\"0\","
            + "\"features\":[\"json-cli\"]},"
            + "{\"name\":\"c\",\"meta-type\":\"command\",\"arg-type\":\"2\",\"ret-type\":\"0\"},"
            + "{\"name\":\"STOP\",\"meta-type\":\"event\",\"arg-type\":\"0\"},"
            + "{\"name\":\"0\",\"meta-type\":\"object\",\"members\":[]},"
            + "{\"name\":\"1\",\"meta-type\":\"object\",\"members\":[{\"name\":\"driver\",\"type\":\"str\"}]},"
            + "{\"name\":\"2\",\"meta-type\":\"object\",\"members\":["
            + "{\"name\":\"n\",\"type\":\"int\"},{\"name\":\"s\",\"type\":\"str\",\"default\":null},"
            + "{\"name\":\"l\",\"type\":\"[3]\",\"default\":null},{\"name\":\"a\",\"type\":\"5\",\"default\":null},"
            + "{\"name\":\"u\",\"type\":\"6\",\"default\":null},{\"name\":\"x\",\"type\":\"any\",\"default\":null}]},"
            + "{\"name\":\"[3]\",\"meta-type\":\"array\",\"element-type\":\"3\"},"
            + "{\"name\":\"3\",\"meta-type\":\"enum\",\"members\":[{\"name\":\"red\"},{\"name\":\"green\"}]},"
            + "{\"name\":\"5\",\"meta-type\":\"alternate\",\"members\":[{\"type\":\"1\"},{\"type\":\"str\"},{\"type\":\"null\"}]},"
            + "{\"name\":\"6\",\"meta-type\":\"object\",\"tag\":\"t\",\"members\":[{\"name\":\"t\",\"type\":\"7\"}],"
            + "\"variants\":[{\"case\":\"plain\",\"type\":\"0\"},{\"case\":\"dev\",\"type\":\"1\"}]},"
            + "{\"name\":\"7\",\"meta-type\":\"enum\",\"members\":[{\"name\":\"plain\"},{\"name\":\"dev\"}]},"
            + "{\"name\":\"int\",\"meta-type\":\"builtin\",\"json-type\":\"int\"},"
            + "{\"name\":\"null\",\"meta-type\":\"builtin\",\"json-type\":\"null\"},"
            + "{\"name\":\"any\",\"meta-type\":\"builtin\",\"json-type\":\"value\"},"
            + "{\"name\":\"str\",\"meta-type\":\"builtin\",\"json-type\":\"string\"}]";

    private final QmpSchema schema = QmpSchema.of(JsonValue.parse(SCHEMA));

    @Override
    TransportKind transport() {
        return TransportKind.AUTO;
    }

    private static RawCommand raw(String command, String arguments) {
        return new RawCommand(command, (JsonValue.Obj) JsonValue.parse(arguments));
    }

    @Test
    void tellsWhatThereIs() {
        assertThat(schema.commands()).containsExactly("c", "device_add", "query-status");
        assertThat(schema.events()).containsExactly("STOP");
        assertThat(schema.hasCommand("c")).isTrue();
        assertThat(schema.hasCommand("STOP")).as("an event").isFalse();
        assertThat(schema.hasFeature("device_add", "json-cli")).isTrue();
        assertThat(schema.hasFeature("device_add", "deprecated")).isFalse();
        assertThat(schema.hasFeature("no-such", "json-cli")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"n\":1}",
                "{\"n\":18446744073709551615,\"s\":\"\",\"x\":{\"y\":[null]}}",
                "{\"n\":1,\"l\":[\"red\",\"green\",\"red\"],\"a\":\"text\"}",
                "{\"n\":1,\"a\":{\"driver\":\"d\"}}",
                "{\"n\":1,\"a\":null,\"u\":{\"t\":\"plain\"}}",
                "{\"n\":1,\"u\":{\"t\":\"dev\",\"driver\":\"d\"}}"
            })
    void findsNothingWrongWithWhatIsRight(String arguments) {
        assertThat(schema.problems(raw("c", arguments))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | 'n' is required",
                "{\"n\":1.5} | 'n' must be of type int, and not {\"n\":1.5}",
                "{\"n\":1,\"s\":null} | 's' must be of type string, and not {\"s\":null}",
                "{\"n\":1,\"new\":2} | 'new' is not known",
                "{\"n\":1,\"l\":\"red\"} | 'l' must be an array, and not {\"l\":\"red\"}",
                "{\"n\":1,\"l\":[\"red\",\"blue\"]} | 'l' does not know 'blue'",
                "{\"n\":1,\"a\":{\"driver\":\"d\",\"more\":1}} | 'a.more' is not known",
                "{\"n\":1,\"a\":5} | 'a' must be",
                "{\"n\":1,\"u\":{\"t\":\"plain\",\"driver\":\"d\"}} | 'u.driver' is not known",
                "{\"n\":1,\"u\":{\"t\":\"dev\"}} | 'u.driver' is required",
                "{\"n\":1,\"u\":{\"t\":\"later\",\"what\":1}} | 'u.t' does not know 'later'",
                "{\"n\":1,\"u\":{}} | 'u.t' is required",
            })
    void findsTheOneThingThatIsWrong(String arguments, String problem) {
        assertThat(schema.problems(raw("c", arguments)))
                .singleElement()
                .asString()
                .startsWith(problem);
    }

    @Test
    void letsTheDriversOfDeviceAddHaveTheirOwnProperties() {
        assertThat(schema.problems(raw("device_add", "{\"driver\":\"e1000\",\"mac\":\"x\"}")))
                .isEmpty();
        assertThat(schema.problems(raw("device_add", "{\"mac\":\"x\"}"))).containsExactly("'driver' is required");
    }

    @Test
    void isAskedForOnce() {
        server.on("query-qmp-schema").reply(JsonValue.parse(SCHEMA));
        try (QmpClient client = connect()) {
            assertThat(client.supports("query-status")).isTrue();
            assertThat(client.supports("stop")).isFalse();
            assertThat(client.supports(QueryStatus.of())).isTrue();
            assertThat(client.supports(raw("c", "{\"new\":1}"))).isFalse();
            assertThat(client.schema()).isSameAs(client.schema());
        }
        assertThat(server.received()).hasSize(2);
    }

    @Test
    void keepsBackWhatItFindsWrong() {
        server.on("query-qmp-schema").reply(JsonValue.parse(SCHEMA));
        try (QmpClient client = connect(options().strictArguments(true).build())) {
            assertThat(client.execute(QueryStatus.of()).running()).isTrue();
            assertThatThrownBy(() -> client.execute(Stop.of()))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("was not sent");
            assertThatThrownBy(() -> get(client.submit(raw("c", "{\"n\":1,\"new\":2}"))))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("the member 'new' of the command 'c'")
                    .hasMessageContaining("'new' is not known");
            assertThatThrownBy(() -> client.executeRaw("c"))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("'c' as it is given")
                    .hasMessageContaining("'n' is required");
            assertThatThrownBy(() -> client.executeRaw("query-audiodevs"))
                    .hasMessageContaining("'query-audiodevs' needs QEMU 10.0 or 11.1; this is 7.2.22");
        }
        assertThat(server.received()).hasSize(3);
    }

    @Test
    void endsAConnectionThatCannotBeStrict() {
        QmpOptions strict = options().strictArguments(true).build();
        assertThatThrownBy(() -> connect(strict))
                .isInstanceOf(QmpUnsupportedException.class)
                .hasMessageContaining("query-qmp-schema");
        server.on("query-qmp-schema").reply();
        assertThatThrownBy(() -> QmpClient.connect(folder.resolve("q"), strict))
                .isInstanceOf(QmpProtocolException.class);
        assertThat(clientThreads()).noneMatch(name -> name.endsWith("-reader"));
    }

    @Test
    void tellsInWhichReleaseARefusedArgumentIs() {
        server.on("migrate").error("GenericError", "Parameter 'channels' is unexpected");
        try (QmpClient client = connect()) {
            assertThatThrownBy(() -> client.executeRaw("migrate", (JsonValue.Obj) JsonValue.parse("{\"channels\":[]}")))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("needs QEMU 10.0 or 11.1; this is 7.2.22")
                    .hasMessageContaining("Parameter 'channels' is unexpected");
            assertThatThrownBy(() -> client.executeRaw("migrate")).isInstanceOf(QmpErrorException.class);
        }
    }

    @Test
    void refusesAnEntityWithoutItsKind() {
        assertThatThrownBy(() -> QmpSchema.of(JsonValue.parse("[{\"name\":\"0\"}]")))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("meta-type");
    }
}
