/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValueTest {

    @Test
    void writesCompactlyAndKeepsTheOrderOfMembers() {
        JsonValue.Obj value = JsonValue.Obj.of(
                        "z", new JsonValue.Arr(List.of(JsonValue.Null.NULL, new JsonValue.Bool(true))))
                .with("a", 1)
                .with("m", "q\"\n")
                .with("b", false);
        assertThat(value).hasToString("{\"z\":[null,true],\"a\":1,\"m\":\"q\\\"\\n\",\"b\":false}");
        assertThat(JsonValue.parse(value.toString())).isEqualTo(value);
    }

    @Test
    void replacesAMemberInItsPlace() {
        assertThat(JsonValue.Obj.of("a", JsonValue.Null.NULL).with("b", 2).with("a", 1))
                .hasToString("{\"a\":1,\"b\":2}");
    }

    @Test
    void keepsUnsignedIntegersExact() {
        JsonValue.Num max = (JsonValue.Num) JsonValue.parse("18446744073709551615");
        assertThat(max).hasToString("18446744073709551615").isEqualTo(JsonValue.Num.ofUnsigned(-1));
        assertThat(max.bits()).isEqualTo(-1);
        assertThat(Long.toUnsignedString(max.bits())).isEqualTo("18446744073709551615");
        assertThatThrownBy(max::longValue).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(((JsonValue.Num) JsonValue.parse("18446744073709551616"))::bits)
                .isInstanceOf(ArithmeticException.class);
        assertThat(JsonValue.Num.of(Long.MIN_VALUE).bits()).isEqualTo(Long.MIN_VALUE);
        assertThat(JsonValue.Num.of(0).bits()).isZero();
    }

    @Test
    void takesNoFractionForAnInteger() {
        JsonValue.Num number = (JsonValue.Num) JsonValue.parse("1.5");
        assertThat(number.isInteger()).isFalse();
        assertThat(number.doubleValue()).isEqualTo(1.5);
        assertThatThrownBy(number::longValue).isInstanceOf(ArithmeticException.class);
        assertThat(JsonValue.parse("0.10000000000000001")).hasToString("0.10000000000000001");
    }

    @Test
    void doesNotUnfoldHugeExponents() {
        JsonValue.Num number = (JsonValue.Num) JsonValue.parse("1e999999999");
        assertThatThrownBy(number::bits).isInstanceOf(ArithmeticException.class);
        assertThat(number.doubleValue()).isInfinite();
    }

    @Test
    void looksUpMembersByKind() {
        JsonValue.Obj value =
                (JsonValue.Obj) JsonValue.parse("{\"s\":\"x\",\"i\":-3,\"b\":true,\"o\":{\"k\":1},\"a\":[1]}");
        assertThat(value.string("s")).isEqualTo("x");
        assertThat(value.integer("i")).isEqualTo(-3);
        assertThat(value.bool("b")).isTrue();
        assertThat(value.object("o").integer("k")).isEqualTo(1);
        assertThat(value.array("a")).containsExactly(JsonValue.Num.of(1));
        assertThat(value.find("nothing")).isEmpty();
    }

    @Test
    void saysWhichMemberIsMissingOrOfAnotherKind() {
        JsonValue.Obj value = JsonValue.Obj.of("s", new JsonValue.Str("x"));
        assertThatThrownBy(() -> value.string("t"))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessage("member 't' is missing in {\"s\":\"x\"}");
        assertThatThrownBy(() -> value.integer("s"))
                .isInstanceOf(QmpProtocolException.class)
                .hasMessage("member 's' has the wrong kind STRING in {\"s\":\"x\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "{}{}", "[1,]", "{\"a\":1}x", "nul", "'a'", "NaN"})
    void refusesWhatIsNotOneValue(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonValue.parse(text));
    }

    @Test
    void readsAsDeepAsQemuAllowsAndNoDeeper() {
        String deepest = "[".repeat(1024) + "]".repeat(1024);
        assertThat(JsonValue.parse(deepest)).hasToString(deepest);
        assertThatIllegalArgumentException().isThrownBy(() -> JsonValue.parse("[" + deepest + "]"));
    }

    @Test
    void cannotBeChanged() {
        JsonValue.Obj value = JsonValue.Obj.of("a", JsonValue.Null.NULL);
        assertThatThrownBy(() -> value.members().put("b", JsonValue.Null.NULL))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
