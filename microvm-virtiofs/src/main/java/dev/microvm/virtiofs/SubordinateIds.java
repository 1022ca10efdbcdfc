/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.IdRange;
import java.util.ArrayList;
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

        /** {@return what is left of it without another one's ids: nothing, one part or two} */
        List<Span> without(Span other) {
            List<Span> left = new ArrayList<>();
            long end = start + count;
            if (other.start > start) {
                left.add(new Span(start, Math.min(end, other.start) - start));
            }
            long after = Math.max(start, other.start + other.count);
            if (after < end) {
                left.add(new Span(after, end - after));
            }
            return left;
        }
    }

    /** Ids end at 4294967294; the last one of 32 bits means none (user_namespaces(7)). */
    private static final long IDS = 4_294_967_295L;

    private SubordinateIds() {}

    /**
     * {@return the ranges that a file gives a user, named or numbered, in its order} What is no entry is passed over, as newuidmap(1) does,
     * and what lies beyond the last id.
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
                if (start < end) {
                    spans.add(new Span(start, end - start));
                }
            }
        }
        return spans;
    }

    /**
     * {@return the same ids in the same order, none twice, and without the caller's own} Nothing keeps lines from overlapping, and the kernel
     * refuses a map that has an id of the host twice (user_namespaces(7)). Each part lies in one line still, as newuidmap(1) wants it.
     *
     * @param own the caller's own id, which has a place of its own in the map
     */
    static List<Span> apart(List<Span> spans, long own) {
        List<Span> taken = new ArrayList<>(List.of(new Span(own, 1)));
        for (Span span : spans) {
            List<Span> left = List.of(span);
            for (Span other : List.copyOf(taken)) {
                left = left.stream()
                        .flatMap(part -> part.without(other).stream())
                        .toList();
            }
            taken.addAll(left);
        }
        return List.copyOf(taken.subList(1, taken.size()));
    }

    /**
     * {@return the map in which one id of the guest is the caller's own and all others are subordinate ones, in their order}
     *
     * @param guest the id that is the caller's own
     * @param spans the subordinate ids, {@link #apart}
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
