/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class QmpWriterTest {

    private record Command(String name, Consumer<QmpWriter> members) implements QmpCommand<QmpEmpty> {
        @Override
        public void writeMembers(QmpWriter arguments) {
            members.accept(arguments);
        }

        @Override
        public QmpEmpty read(QmpReader result) {
            return QmpEmpty.read(result);
        }
    }

    private static String message(Consumer<QmpWriter> members) {
        return new String(QmpWriter.commandUpToId("execute", new Command("c", members)), UTF_8);
    }

    @Test
    void leavesOutTheArgumentsOfACommandWithoutAny() {
        assertThat(message(writer -> {})).isEqualTo("{\"execute\":\"c\",\"id\":");
    }

    @Test
    void writesArgumentsCompactly() {
        assertThat(message(writer -> writer.name("a")
                        .value("x")
                        .name("b")
                        .value(-1L)
                        .name("c")
                        .value(true)
                        .name("o")
                        .beginObject()
                        .name("d")
                        .value(0.5)
                        .endObject()
                        .name("l")
                        .value(List.of(1L, 2L))))
                .isEqualTo(
                        "{\"execute\":\"c\",\"arguments\":{\"a\":\"x\",\"b\":-1,\"c\":true,\"o\":{\"d\":0.5},\"l\":[1,2]},\"id\":");
    }

    @Test
    void writesAnyValueAsItIs() {
        JsonValue value = JsonValue.parse("{\"a\":[null,18446744073709551615,{\"b\":\"\u20ac\"}]}");
        assertThat(QmpWriter.object(writer -> writer.name("v").value(value))).isEqualTo(JsonValue.Obj.of("v", value));
    }

    @Test
    void refusesNumbersThatJsonDoesNotHave() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> message(writer -> writer.name("a").value(Double.NaN)));
    }

    @Test
    void refusesWhatIsNestedDeeperThanQemuReads() {
        JsonValue deepest = JsonValue.parse("[".repeat(1022) + "]".repeat(1022));
        assertThat(message(writer -> writer.name("a").value(deepest))).contains(deepest.toString());
        assertThatIllegalStateException()
                .isThrownBy(() -> message(writer -> writer.name("a").value(new JsonValue.Arr(List.of(deepest)))));
    }

    @Test
    void refusesArgumentsThatMakeNoObject() {
        assertThatIllegalStateException().isThrownBy(() -> message(writer -> writer.value("no name")));
        assertThatIllegalStateException().isThrownBy(() -> message(writer -> writer.name("no value")));
        assertThatIllegalStateException()
                .isThrownBy(() -> message(writer -> writer.name("open").beginObject()));
    }
}
