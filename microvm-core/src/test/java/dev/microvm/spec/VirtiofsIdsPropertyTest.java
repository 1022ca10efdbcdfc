/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

final class VirtiofsIdsPropertyTest {
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
}
