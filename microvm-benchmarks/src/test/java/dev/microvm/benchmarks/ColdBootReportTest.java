/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ColdBootReportTest {
    @Test
    void quartilesLieBetweenTheNearestTwoValues() {
        Spread spread = Spread.of(List.of(4.0, 1.0, 3.0, 2.0));

        assertThat(spread).isEqualTo(new Spread(1, 1.75, 2.5, 3.25, 4));
        assertThat(Spread.of(List.of(7.0))).isEqualTo(new Spread(7, 7, 7, 7, 7));
        assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theRatioIsThatOfTheMediansAndTheOneWithinPairsStandsBesideIt() {
        ColdBootReport report = new ColdBootReport();
        report.add(Map.of("total", 110.0), Map.of("total", 100.0));
        report.add(Map.of("total", 230.0), Map.of("total", 200.0));
        report.add(Map.of("total", 130.0), Map.of("total", 105.0));

        assertThat(report.ratio()).isCloseTo(130.0 / 105, within(1e-9));
        assertThat(report.pairedRatio()).isCloseTo(1.15, within(1e-9));
        assertThat(report.markdown(List.of("a machine"), 1.15)).contains("**1.238**", "missed", "- a machine");
    }

    @Test
    void readsWhatTheFreshJvmPrints() {
        assertThat(ColdBoot.parse("launch 50000000\nPREFLIGHT 1500000\n"))
                .containsExactly(Map.entry("launch", 50.0), Map.entry("PREFLIGHT", 1.5));
    }
}
