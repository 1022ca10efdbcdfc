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
