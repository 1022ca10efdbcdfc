/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.microvm.qmp.TransportKind;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class QmpReportTest {
    @Test
    void percentilesAreOfAllOperationsAndProcessorTimeIsSharedAmongThem() {
        QmpTimings timings = new QmpTimings();
        timings.add(LongStream.rangeClosed(1, 100).map(i -> i * 1000).toArray(), 300_000, 100_000);
        timings.add(LongStream.of(101_000).toArray(), 3_000, 1_000);

        assertThat(timings.cells()).isEqualTo("1.0 | 51.0 | 91.0 | 100.0 | 3.0 | 1.0");
        assertThat(timings.median()).isCloseTo(51, within(1e-9));
    }

    /** The load grew from round to round, and in the first one something else came in between. */
    @Test
    void differencesWithinTheRoundsAreNotMisledByALoadThatChanges() {
        QmpTimings floor = new QmpTimings();
        QmpTimings ours = new QmpTimings();
        long[] floors = {10_000, 20_000, 30_000};
        long[] times = {40_000, 27_000, 37_000};
        for (int round = 0; round < floors.length; round++) {
            floor.add(new long[] {floors[round]}, 0, 0);
            ours.add(new long[] {times[round]}, 0, 0);
        }

        assertThat(ours.timesFasterThan(floor)).isCloseTo(20.0 / 27, within(1e-9));
        assertThat(ours.median() - floor.median()).isCloseTo(17, within(1e-9));
        assertThat(ours.medianAbove(floor)).isCloseTo(7, within(1e-9));
    }

    @Test
    void targetsAreMetOnTheirOwnSide() {
        assertThat(QmpFigure.atMost("overhead", 15, "%.1f µs", 15).row())
                .isEqualTo("| overhead | 15.0 µs | at most 15.0 µs | met |\n");
        assertThat(QmpFigure.atMost("overhead", 15.1, "%.1f µs", 15).row())
                .isEqualTo("| overhead | 15.1 µs | at most 15.0 µs | **missed** |\n");
        assertThat(QmpFigure.atLeast("speed", 1.79, "%.2f times", 1.8).met()).isFalse();
        assertThat(QmpFigure.atLeast("speed", 1.8, "%.2f times", 1.8).met()).isTrue();
    }

    @Test
    void lostEventsAndSlowFirstCommandsAreMissedTargets() {
        QmpReport report = new QmpReport(1, 1);
        QmpEventRate oneLost = new QmpEventRate(50, 49, 1, 9_800, 30, 90);
        QmpEventRate twoGoneUncounted = new QmpEventRate(50, 48, 0, 9_800, 30, 90);
        QmpEventRate complete = new QmpEventRate(50, 50, 0, 10_000, 30, 90);
        report.events(TransportKind.JDK, 10_000, List.of(twoGoneUncounted, complete, twoGoneUncounted));
        report.events(TransportKind.JUNIXSOCKET, 10_000, List.of(complete, oneLost, complete));
        report.firstCommand(TransportKind.JDK, Map.of("total", 160_000_000L));
        report.firstCommand(TransportKind.JDK, Map.of("total", 151_000_000L));
        report.firstCommand(TransportKind.JDK, Map.of("total", 100_000_000L));
        report.machine(List.of("a machine"));

        assertThat(report.allMet()).isFalse();
        assertThat(report.markdown())
                .contains("| events lost of 50 at 10000 a second, JDK | 2 | at most 0 | **missed** |")
                .contains("| events lost of 50 at 10000 a second, junixsocket | 0 | at most 0 | met |")
                .contains("| first command of a fresh JVM, JDK | 151 ms | at most 150 ms | **missed** |")
                .contains("dominated by QEMU itself", "- a machine");
    }

    @Test
    void withoutThePeerThereIsNoSuccess() {
        assertThat(new QmpReport(1, 1).allMet()).isFalse();
    }
}
