/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
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

    @Property(tries = 300)
    void anyTranslationIsReadAsItIsWritten(
            @ForAll IdTranslation.Kind kind,
            @ForAll @LongRange(min = 0, max = 4_000_000_000L) long from,
            @ForAll @LongRange(min = 0, max = 4_000_000_000L) long to,
            @ForAll @IntRange(min = 1, max = 200_000_000) int count) {
        IdTranslation rule = new IdTranslation(kind, from, kind == IdTranslation.Kind.FORBID_GUEST ? 0 : to, count);

        assertThat(IdTranslation.parse(rule.toString())).isEqualTo(rule);
    }

    @Property(tries = 300)
    void anyRangeIsReadAsItIsWritten(
            @ForAll @LongRange(min = 0, max = 4_000_000_000L) long guest,
            @ForAll Optional<@LongRange(min = 0, max = 4_000_000_000L) Long> host,
            @ForAll @IntRange(min = 1, max = 200_000_000) int count) {
        IdRange range = new IdRange(guest, host, host.isPresent() ? count : 1);

        assertThat(IdRange.parse(range.toString())).isEqualTo(range);
    }

    /** What contradicts is what two rules say of one id, tried id by id. */
    @Property(tries = 500)
    void twoTranslationsContradictWhereTheyNameTheSameIdInTheSameDirection(
            @ForAll IdTranslation.Kind one,
            @ForAll IdTranslation.Kind other,
            @ForAll @IntRange(min = 0, max = 6) int from,
            @ForAll @IntRange(min = 0, max = 6) int otherFrom,
            @ForAll @IntRange(min = 0, max = 6) int to,
            @ForAll @IntRange(min = 0, max = 6) int otherTo,
            @ForAll @IntRange(min = 1, max = 4) int count,
            @ForAll @IntRange(min = 1, max = 4) int otherCount) {
        IdTranslation left = rule(one, from, to, count);
        IdTranslation right = rule(other, otherFrom, otherTo, otherCount);
        boolean same = false;
        for (int id = 0; id < 12; id++) {
            same |= ofGuest(left, id) && ofGuest(right, id);
            same |= ofHost(left, id) && ofHost(right, id);
        }

        assertThat(left.contradicts(right)).isEqualTo(same);
        assertThat(right.contradicts(left)).isEqualTo(same);
    }

    private static IdTranslation rule(IdTranslation.Kind kind, int from, int to, int count) {
        return new IdTranslation(kind, from, kind == IdTranslation.Kind.FORBID_GUEST ? 0 : to, count);
    }

    private static boolean ofGuest(IdTranslation rule, int id) {
        return switch (rule.kind()) {
            case GUEST, SQUASH_GUEST, FORBID_GUEST, MAP -> id >= rule.from() && id < rule.from() + rule.count();
            case HOST, SQUASH_HOST -> false;
        };
    }

    private static boolean ofHost(IdTranslation rule, int id) {
        return switch (rule.kind()) {
            case HOST, SQUASH_HOST -> id >= rule.from() && id < rule.from() + rule.count();
            case MAP -> id >= rule.to() && id < rule.to() + rule.count();
            case GUEST, SQUASH_GUEST, FORBID_GUEST -> false;
        };
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
