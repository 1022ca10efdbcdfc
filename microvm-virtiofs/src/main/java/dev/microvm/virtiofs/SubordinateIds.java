/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.IdRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** The arithmetic of subordinate ids (subuid(5), subgid(5)). */
final class SubordinateIds {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,10}");

    /**
     * Some ids of the host.
     *
     * @param start the first
     * @param count how many
     */
    record Span(long start, long count) {
        boolean holds(long first, long length) {
            return first >= start && first + length <= start + count;
        }
    }

    /** Ids end at 4294967294; the last one of 32 bits means none (user_namespaces(7)). */
    private static final long IDS = 4_294_967_295L;

    private SubordinateIds() {}

    /**
     * {@return the ranges that a file gives a user, named or numbered, in its order, no id twice} What is no entry is passed over, as
     * newuidmap(1) does, and what lies beyond the last id.
     *
     * @param lines of {@code /etc/subuid} or {@code /etc/subgid}; both name users, never groups
     */
    static List<Span> of(List<String> lines, String user, int uid) {
        List<Span> spans = new ArrayList<>();
        for (String line : lines) {
            String[] parts = line.strip().split(":", -1);
            if (parts.length == 3
                    && (parts[0].equals(user) || parts[0].equals(Integer.toString(uid)))
                    && NUMBER.matcher(parts[1]).matches()
                    && NUMBER.matcher(parts[2]).matches()) {
                long start = Long.parseLong(parts[1]);
                long end = Math.min(start + Long.parseLong(parts[2]), IDS);
                spans.addAll(without(spans, start, end));
            }
        }
        return spans;
    }

    /** The kernel refuses a map with an id of the host twice, which a line that stands there twice would make. */
    private static List<Span> without(List<Span> known, long start, long end) {
        List<Span> left = new ArrayList<>();
        long next = start;
        for (Span span :
                known.stream().sorted(Comparator.comparing(Span::start)).toList()) {
            if (span.start() > next && next < end) {
                left.add(new Span(next, Math.min(span.start(), end) - next));
            }
            next = Math.max(next, span.start() + span.count());
        }
        if (next < end) {
            left.add(new Span(next, end - next));
        }
        return left;
    }

    /**
     * {@return the map in which one id of the guest is the caller's own and all others are subordinate ones, in their order}
     *
     * @param guest the id that is the caller's own
     * @param spans the subordinate ids, none twice
     */
    static List<IdRange> map(long guest, List<Span> spans) {
        List<IdRange> ranges = new ArrayList<>();
        long next = 0;
        boolean own = false;
        for (Span span : spans) {
            long first = span.start();
            long left = Math.min(span.count(), IDS - next - (own ? 0 : 1));
            while (left > 0) {
                if (next == guest) {
                    ranges.add(IdRange.ofCaller(guest));
                    own = true;
                    next++;
                }
                long many = next < guest ? Math.min(left, guest - next) : left;
                ranges.add(IdRange.of(next, first, many));
                next += many;
                first += many;
                left -= many;
            }
        }
        if (!own) {
            ranges.add(IdRange.ofCaller(guest));
        }
        return List.copyOf(ranges);
    }
}
