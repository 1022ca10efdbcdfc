/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QmpReaderTest {

    private static QmpReader over(String json) {
        return QmpReader.of(JsonValue.parse(json));
    }

    @Test
    void walksThroughObjectsAndArrays() {
        QmpReader reader = over("{\"a\":[1,2],\"b\":{\"c\":\"x\"},\"d\":true,\"e\":1.5}");
        List<String> seen = new ArrayList<>();
        reader.beginObject();
        while (reader.nextMember()) {
            switch (reader.name()) {
                case "a" -> seen.add(reader.list(QmpReader::integer).toString());
                case "b" -> {
                    reader.beginObject();
                    while (reader.nextMember()) {
                        seen.add(reader.name() + "=" + reader.string());
                    }
                }
                case "d" -> seen.add("" + reader.bool());
                default -> seen.add("" + reader.number());
            }
        }
        assertThat(seen).containsExactly("[1, 2]", "c=x", "true", "1.5");
    }

    @Test
    void skipsWhatIsNotRead() {
        QmpReader reader = over("{\"new\":{\"deep\":[{}]},\"a\":1,\"more\":[]}");
        reader.beginObject();
        List<String> names = new ArrayList<>();
        while (reader.nextMember()) {
            names.add(reader.name());
        }
        assertThat(names).containsExactly("new", "a", "more");
    }

    @Test
    void showsTheKindOfTheNextValueForAlternates() {
        QmpReader reader = over("[\"name\",{\"driver\":\"raw\"},null]");
        reader.beginArray();
        List<JsonValue.Kind> kinds = new ArrayList<>();
        while (reader.nextItem()) {
            kinds.add(reader.peek());
            reader.value();
        }
        assertThat(kinds).containsExactly(JsonValue.Kind.STRING, JsonValue.Kind.OBJECT, JsonValue.Kind.NULL);
    }

    @Test
    void readsUnsignedIntegersAsTheirBits() {
        assertThat(over("18446744073709551615").integer()).isEqualTo(-1);
        assertThat(over("-9223372036854775808").integer()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void takesNoFractionForAnInteger() {
        assertThatThrownBy(over("1.5")::integer)
                .isInstanceOf(QmpProtocolException.class)
                .hasMessage("expected a 64-bit integer at $, found 1.5");
        assertThatThrownBy(over("18446744073709551616")::integer).isInstanceOf(QmpProtocolException.class);
    }

    @Test
    void namesThePlaceOfAnUnexpectedValue() {
        QmpReader reader = over("{\"a\":[{\"b\":1},{\"b\":null}]}");
        reader.beginObject();
        reader.nextMember();
        assertThatThrownBy(() -> reader.list(item -> {
                    item.beginObject();
                    item.nextMember();
                    long value = item.integer();
                    item.nextMember();
                    return value;
                }))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessage("expected a 64-bit integer at $.a[1].b, found null");
    }

    @Test
    void saysWhichMemberIsMissing() {
        assertThatThrownBy(() -> over("{}").require(null, "status"))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("'status'");
    }

    @Test
    void readsNothingTwice() {
        QmpReader reader = over("1");
        reader.integer();
        assertThatIllegalStateException().isThrownBy(reader::integer);
        assertThatIllegalStateException().isThrownBy(reader::value);
    }
}
