/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One rule by which virtiofsd itself translates user or group ids ({@code --translate-uid}, {@code --translate-gid}, 1.13.0 and later). An
 * id that no rule names stays what it is. Written as virtiofsd does: {@code squash-guest:0:1000:4294967295}.
 *
 * @param kind in which direction and how
 * @param from the first id that is translated: the guest's but for {@link Kind#HOST} and {@link Kind#SQUASH_HOST}
 * @param to the first id it becomes, or the only one for the kinds that squash; 0 for {@link Kind#FORBID_GUEST}
 * @param count how many ids from {@code from} on
 */
public record IdTranslation(Kind kind, long from, long to, long count) {
    private static final Pattern TEXT = Pattern.compile("([a-z-]+):(\\d{1,10}):(\\d{1,10})(?::(\\d{1,10}))?");

    /** Ids are 32 bits wide, and the last one means "leave it" to chown(2). */
    static final long IDS = 4_294_967_295L;

    /** The kinds of rules. */
    public enum Kind {
        /** A range of the guest's ids becomes a range of the host's. */
        GUEST,
        /** A range of the host's ids becomes a range of the guest's. */
        HOST,
        /** A range of the guest's ids becomes one id of the host. */
        SQUASH_GUEST,
        /** A range of the host's ids becomes one id of the guest. */
        SQUASH_HOST,
        /** The guest is refused to create files of these ids or to give files to them. */
        FORBID_GUEST,
        /** A range of the guest's ids corresponds to a range of the host's, both ways. */
        MAP;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Checks the numbers.
     *
     * @param kind not null
     * @param from 0 to 4294967294
     * @param to 0 to 4294967294
     * @param count 1 to 4294967295; the ranges must end at 4294967294
     * @throws IllegalArgumentException if a number is out of its range
     */
    public IdTranslation {
        Objects.requireNonNull(kind, "kind");
        Attribute.range("IdTranslation.from", from, 0, IDS - 1);
        Attribute.range("IdTranslation.to", to, 0, IDS - 1);
        Attribute.range("IdTranslation.count", count, 1, IDS - from);
        if (kind == Kind.GUEST || kind == Kind.HOST || kind == Kind.MAP) {
            Attribute.range("IdTranslation.count", count, 1, IDS - to);
        }
        if (kind == Kind.FORBID_GUEST && to != 0) {
            throw Attribute.bad("IdTranslation.to", to, "forbidden ids become nothing; write 0");
        }
    }

    /**
     * {@return the rule in virtiofsd's words}
     *
     * @param text {@code KIND:FROM:TO:COUNT}, or {@code forbid-guest:FROM:COUNT}
     * @throws IllegalArgumentException if it is not such a rule
     */
    public static IdTranslation parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (matcher.matches()) {
            String word = matcher.group(1);
            for (Kind kind : Kind.values()) {
                boolean three = matcher.group(4) == null;
                if (kind.word().equals(word) && three == (kind == Kind.FORBID_GUEST)) {
                    long second = Long.parseLong(matcher.group(3));
                    return new IdTranslation(
                            kind,
                            Long.parseLong(matcher.group(2)),
                            three ? 0 : second,
                            three ? second : Long.parseLong(matcher.group(4)));
                }
            }
        }
        throw Attribute.bad(
                "IdTranslation",
                text,
                "must be KIND:FROM:TO:COUNT with KIND one of "
                        + String.join(
                                ", ",
                                Arrays.stream(Kind.values()).map(Kind::word).toList())
                        + ", and forbid-guest:FROM:COUNT without TO");
    }

    /** {@return whether two rules say something of the same id in the same direction} */
    boolean contradicts(IdTranslation other) {
        return (ofGuest() && other.ofGuest() && meet(from, other.from, count, other.count))
                || (ofHost() && other.ofHost() && meet(hostFrom(), other.hostFrom(), count, other.count));
    }

    private boolean ofGuest() {
        return kind != Kind.HOST && kind != Kind.SQUASH_HOST;
    }

    private boolean ofHost() {
        return !ofGuest() || kind == Kind.MAP;
    }

    private long hostFrom() {
        return kind == Kind.MAP ? to : from;
    }

    static boolean meet(long one, long other, long oneCount, long otherCount) {
        return one < other + otherCount && other < one + oneCount;
    }

    /** {@return the rule as virtiofsd reads it} */
    @Override
    public String toString() {
        return kind.word() + ":" + from + (kind == Kind.FORBID_GUEST ? "" : ":" + to) + ":" + count;
    }
}
