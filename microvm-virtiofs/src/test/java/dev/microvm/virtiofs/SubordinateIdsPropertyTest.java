/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.virtiofs.SubordinateIds.Span;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SubordinateIdsPropertyTest {
    /** Every subordinate id is some id of the guest, the caller is one, and none is two. */
    @Property(tries = 500)
    void isOneToOneAndLeavesNothingOut(
            @ForAll @IntRange(min = 0, max = 60) int guest,
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 20) Integer> counts) {
        List<Span> spans = new ArrayList<>();
        long next = 1000;
        List<Long> expected = new ArrayList<>();
        for (int count : counts) {
            spans.add(new Span(next, count));
            for (int i = 0; i < count; i++) {
                expected.add(next + i);
            }
            next += count + 7;
        }

        List<IdRange> map = SubordinateIds.map(guest, spans);

        List<Long> hosts = new ArrayList<>();
        List<Long> guests = new ArrayList<>();
        for (IdRange range : map) {
            for (long i = 0; i < range.count(); i++) {
                hosts.add(range.hostFrom(-1) + i);
                guests.add(range.guest() + i);
            }
        }
        assertThat(guests).doesNotHaveDuplicates().contains((long) guest);
        assertThat(hosts.get(guests.indexOf((long) guest))).isEqualTo(-1);
        hosts.remove(-1L);
        assertThat(hosts).as("in their order").isEqualTo(expected);
        assertThat(IdMap.namespace(map, List.of()).uidRanges())
                .as("accepted as a map")
                .isEqualTo(map);
    }

    /** Whatever lines there are, their ids are all kept, each once, and none is the caller's. */
    @Property(tries = 500)
    void keepsEachIdOnceButTheCallersOwn(
            @ForAll @IntRange(min = 0, max = 60) int own,
            @ForAll @Size(max = 6) List<@IntRange(min = 0, max = 60) Integer> starts,
            @ForAll @IntRange(min = 1, max = 30) int count) {
        List<Span> spans = new ArrayList<>();
        Set<Long> expected = new LinkedHashSet<>();
        for (int start : starts) {
            spans.add(new Span(start, count));
            for (long id = start; id < start + count; id++) {
                expected.add(id);
            }
        }
        expected.remove((long) own);

        List<Long> kept = new ArrayList<>();
        for (Span part : SubordinateIds.apart(spans, own)) {
            assertThat(spans)
                    .as("newuidmap looks for it in one line")
                    .anyMatch(span -> span.holds(part.start(), part.count()));
            for (long id = part.start(); id < part.start() + part.count(); id++) {
                kept.add(id);
            }
        }

        assertThat(kept).as("in the order of the lines").containsExactlyElementsOf(expected);
    }
}
