/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.IdRange;
import dev.microvm.virtiofs.SubordinateIds.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubordinateIdsTest {
    @Test
    void readsEntriesByNameAndByNumber() {
        List<String> lines = List.of(
                "# comment",
                "other:100000:65536",
                "me:165536:65536",
                "1001:300000:10",
                "10011:1:1",
                "me:broken:1",
                "me:1:0",
                "me:1",
                "");

        assertThat(SubordinateIds.of(lines, "me", 1001))
                .containsExactly(new Span(165_536, 65_536), new Span(300_000, 10));
        assertThat(SubordinateIds.of(lines, "nobody", 7)).isEmpty();
    }

    @Test
    void whatLiesBeyondTheLastIdIsNoSurprise() {
        List<Span> spans = SubordinateIds.apart(
                SubordinateIds.of(
                        List.of("me:4294967000:65536", "me:5000000000:5", "me:4294967295:1", "me:100000:9999999999"),
                        "me",
                        1001),
                1001);

        assertThat(spans).containsExactly(new Span(4_294_967_000L, 295), new Span(100_000, 4_294_867_000L));
        assertThat(SubordinateIds.map(4_294_967_294L, spans)).last().hasToString(":4294967294:caller:1:");
        assertThat(SubordinateIds.map(0, spans)).first().hasToString(":0:caller:1:");
    }

    @Test
    void anIdThatIsGivenTwiceIsUsedOnce() {
        assertThat(SubordinateIds.apart(
                        SubordinateIds.of(
                                List.of("me:100:10", "me:100:10", "1001:105:10", "me:90:100", "me:95:3"), "me", 1001),
                        1001))
                .containsExactly(new Span(100, 10), new Span(110, 5), new Span(90, 10), new Span(115, 75));
    }

    @Test
    void putsTheCallerBetweenTheOthers() {
        assertThat(SubordinateIds.map(1000, List.of(new Span(100_000, 65_536))))
                .extracting(IdRange::toString)
                .containsExactly(":0:100000:1000:", ":1000:caller:1:", ":1001:101000:64536:");
        assertThat(SubordinateIds.map(0, List.of(new Span(100_000, 65_536))))
                .extracting(IdRange::toString)
                .containsExactly(":0:caller:1:", ":1:100000:65536:");
        assertThat(SubordinateIds.map(70_000, List.of(new Span(100_000, 65_536))))
                .extracting(IdRange::toString)
                .containsExactly(":0:100000:65536:", ":70000:caller:1:");
    }
}
