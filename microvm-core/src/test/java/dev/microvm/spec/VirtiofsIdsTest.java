/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VirtiofsIdsTest {
    private static void refuses(Runnable call, String... message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(message);
    }

    private static List<IdTranslation> rules(String... texts) {
        return java.util.Arrays.stream(texts).map(IdTranslation::parse).toList();
    }

    private static List<IdRange> ranges(String... texts) {
        return java.util.Arrays.stream(texts).map(IdRange::parse).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "guest:0:1",
                "forbid-guest:1:0:5",
                "guests:0:0:1",
                "guest:-1:0:1",
                "guest:0:0:0",
                "guest:4294967295:0:1",
                "guest:0:4294967294:2",
                "squash-guest:0:0:4294967296",
                "guest:0:0:1:",
                ""
            })
    void refusesWhatIsNoTranslation(String text) {
        refuses(() -> IdTranslation.parse(text), "IdTranslation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0:0:1", ":0:0:1", ":0:me:1:", ":0:caller:2:", ":0:0:0:", ":4294967295:0:1:", ":5:0:4294967291:"
            })
    void refusesWhatIsNoRange(String text) {
        refuses(() -> IdRange.parse(text), "IdRange");
    }

    @ParameterizedTest
    @CsvSource({":1000:%U:1:", ":1000:%G:1:", ":1000:caller:1:"})
    void knowsTheCallersOwnIdByThreeNames(String text) {
        assertThat(IdRange.parse(text)).isEqualTo(IdRange.ofCaller(1000));
        assertThat(IdRange.parse(text).hostFrom(1234)).isEqualTo(1234);
    }

    @Test
    void refusesMapsThatContradictThemselves() {
        refuses(
                () -> IdMap.translating(rules("guest:0:5:10", "map:9:100:1"), List.of()),
                "IdMap.uidTranslations = map:9:100:1: says of some ids something else than guest:0:5:10");
        refuses(() -> IdMap.translating(List.of(), rules("map:0:1000:10", "host:1005:7:1")), "IdMap.gidTranslations");
        refuses(() -> IdMap.namespace(ranges(":0:100:10:", ":9:200:1:"), List.of()), "IdMap.uidRanges");
        refuses(() -> IdMap.namespace(List.of(), ranges(":0:100:10:", ":10:109:1:")), "IdMap.gidRanges");
        refuses(() -> IdMap.namespace(ranges(":0:caller:1:", ":1:caller:1:"), List.of()), "IdMap.uidRanges");
        assertThat(IdMap.translating(rules("guest:0:5:10", "host:0:5:10"), List.of())
                        .kind())
                .isEqualTo(IdMap.Kind.TRANSLATE);
    }

    @Test
    void refusesRulesOfAnotherKind() {
        refuses(
                () -> IdMap.builder()
                        .kind(IdMap.Kind.CALLER)
                        .addAllUidRanges(ranges(":0:1:1:"))
                        .build(),
                "IdMap.uidRanges",
                "belongs to Kind.NAMESPACE, and this is CALLER");
        refuses(() -> IdMap.translating(List.of(), List.of()), "no rule at all is IdMap.IDENTITY");
    }
}
