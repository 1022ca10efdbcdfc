/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the value, its text reads back equal, and whatever the chunks of a stream, the same messages come out. */
class JsonPropertyTest {

    @Provide
    Arbitrary<JsonValue> values() {
        return values(3);
    }

    private Arbitrary<JsonValue> values(int depth) {
        Arbitrary<JsonValue> leaf = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(20).map(JsonValue.Str::new),
                Arbitraries.longs().map(JsonValue.Num::of),
                Arbitraries.longs().map(JsonValue.Num::ofUnsigned),
                Arbitraries.doubles().map(d -> new JsonValue.Num(new BigDecimal(Double.toString(d)))),
                Arbitraries.of(true, false).map(JsonValue.Bool::new),
                Arbitraries.of(JsonValue.Null.NULL));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<JsonValue> inner = Arbitraries.lazy(() -> values(depth - 1));
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(2, leaf),
                net.jqwik.api.Tuple.of(1, inner.list().ofMaxSize(4).map(JsonValue.Arr::new)),
                net.jqwik.api.Tuple.of(2, objects(inner)));
    }

    private static Arbitrary<JsonValue> objects(Arbitrary<JsonValue> inner) {
        return Arbitraries.maps(Arbitraries.strings().ofMaxLength(8), inner)
                .ofMaxSize(4)
                .map(JsonValue.Obj::new);
    }

    @Provide
    Arbitrary<List<JsonValue>> messages() {
        return objects(values(2)).list().ofMaxSize(6);
    }

    @Property(tries = 500)
    void readsBackWhatItWrote(@ForAll("values") JsonValue value) {
        assertThat(JsonValue.parse(value.toString())).isEqualTo(value);
    }

    @Property(tries = 500)
    void cutsAStreamIntoTheSameMessagesWhateverTheChunks(
            @ForAll("messages") List<JsonValue> messages,
            @ForAll("separators") String separator,
            @ForAll("sizes") List<Integer> sizes)
            throws IOException {
        byte[] bytes = ascii(messages.stream().map(JsonValue::toString).collect(Collectors.joining(separator)));
        JsonStream stream = new JsonStream(1 << 20);
        List<JsonValue> seen = new ArrayList<>();
        int from = 0;
        for (int i = 0; from < bytes.length; i++) {
            int length = Math.min(sizes.get(i % sizes.size()), bytes.length - from);
            byte[] part = new byte[length];
            System.arraycopy(bytes, from, part, 0, length);
            stream.feed(part, length, seen::add);
            from += length;
        }
        assertThat(seen).isEqualTo(messages);
    }

    @Provide
    Arbitrary<String> separators() {
        return Arbitraries.of("", "\r\n", "\n", " ");
    }

    @Provide
    Arbitrary<List<Integer>> sizes() {
        return Arbitraries.oneOf(
                Arbitraries.just(List.of(1)),
                Arbitraries.integers().between(1, 9).list().ofMinSize(1).ofMaxSize(5),
                Arbitraries.just(List.of(1 << 20)));
    }

    /** As QEMU writes: everything but ASCII is escaped, also halves of surrogate pairs. */
    private static byte[] ascii(String json) {
        StringBuilder text = new StringBuilder();
        for (char c : json.toCharArray()) {
            text.append(c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
