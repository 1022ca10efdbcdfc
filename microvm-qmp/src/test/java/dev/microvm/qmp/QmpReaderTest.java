/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class QmpReaderTest {

    private static QmpReader over(String json) {
        return QmpReader.of(JsonValue.parse(json));
    }

    @Test
    void takesObjectsAndArraysApartInAnyOrder() {
        QmpReader in = over("{\"a\":[1,2],\"b\":{\"c\":\"x\"},\"d\":true,\"e\":1.5}");

        assertThat(in.bool("d")).isTrue();
        assertThat(in.number("e")).isEqualTo(1.5);
        assertThat(in.member("b").string("c")).isEqualTo("x");
        assertThat(in.member("a").list(QmpReader::integer)).containsExactly(1L, 2L);
        assertThat(in.bool("d")).as("once more").isTrue();
    }

    @Test
    void readsNothingWhereNothingIs() {
        QmpReader in = over("{\"a\":null}");

        for (String name : List.of("a", "b")) {
            assertThat(in.stringOrNull(name)).isNull();
            assertThat(in.integerOrNull(name)).isNull();
            assertThat(in.numberOrNull(name)).isNull();
            assertThat(in.boolOrNull(name)).isNull();
            assertThat(in.memberOrNull(name)).isNull();
            assertThat(in.has(name)).isFalse();
        }
    }

    @Test
    void tellsNullFromAbsenceOnRequest() {
        QmpReader in = over("{\"a\":null}");

        assertThat(in.contains("a")).isTrue();
        assertThat(in.contains("b")).isFalse();
        assertThat(in.member("a").value()).isEqualTo(JsonValue.Null.NULL);
    }

    @Test
    void readsUnsignedIntegersAsTheirBits() {
        assertThat(over("18446744073709551615").integer()).isEqualTo(-1);
        assertThat(over("-9223372036854775808").integer()).isEqualTo(Long.MIN_VALUE);
        assertThat(over("{\"a\":18446744073709551615}").integerOrNull("a")).isEqualTo(-1);
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
        QmpReader in = over("{\"a\":[{\"b\":1},{\"b\":\"x\"}]}");

        assertThatThrownBy(() -> in.member("a").list(item -> item.integer("b")))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessage("expected a 64-bit integer at $.a[1].b, found \"x\"");
        assertThatThrownBy(() -> over("[1]").list(item -> item.has("b")))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessage("expected an object at $[0], found 1");
    }

    @Test
    void saysWhichMemberIsMissing() {
        assertThatThrownBy(() -> over("{\"a\":{}}").member("a").string("status"))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessage("the member 'status' is missing at $.a");
    }

    @Test
    void showsNoSecretInAFailure() {
        QmpReader in = over("{\"password\":\"hush\",\"n\":{\"secret\":\"hush\",\"id\":\"x\"}}");
        assertThatThrownBy(() -> in.integer("password"))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessageContaining("$.password")
                .hasMessageNotContaining("hush");
        assertThatThrownBy(() -> in.string("n"))
                .hasMessageContaining("{\"secret\":\"***\",\"id\":\"x\"}")
                .hasMessageNotContaining("hush");
        assertThatThrownBy(() -> ((JsonValue.Obj) in.value()).string("user"))
                .hasMessageContaining("'user' is missing in {\"password\":\"***\"")
                .hasMessageNotContaining("hush");
    }
}
