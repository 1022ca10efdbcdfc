/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.TransportKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@link QmpBenchmark} has measured, against the targets. */
final class QmpReport {
    /** The handing over of a blocking call to the reading thread and back is in it. */
    private static final double OVERHEAD_MICROS = 15;

    private static final double HEAP_KB = 200;
    private static final double FIRST_COMMAND_MILLIS = 150;
    private static final double JAR_MB = 1.8;
    private static final double SCHEMA_MILLIS = 10;

    private final int rounds;
    private final int operations;
    private final List<QmpFigure> figures = new ArrayList<>();
    private final StringBuilder tables = new StringBuilder();
    private final StringBuilder others = new StringBuilder();
    private final Map<TransportKind, Map<String, List<Double>>> firstCommands = new EnumMap<>(TransportKind.class);
    private final Map<TransportKind, Map<String, List<Double>>> floorOfFirst = new EnumMap<>(TransportKind.class);
    private final List<String> machine = new ArrayList<>();
    private boolean peerSeen;

    QmpReport(int rounds, int operations) {
        this.rounds = rounds;
        this.operations = operations;
    }

    /**
     * Takes what the contestants needed at a server.
     *
     * @param server its name
     * @param comparison the contestants
     * @param timesThePeer how much faster than the peer is good enough
     * @param bytes how long our command is
     * @param peerBytes how long the peer's is
     */
    void comparison(String server, QmpComparison comparison, double timesThePeer, int bytes, int peerBytes) {
        Map<String, QmpTimings> timings = comparison.timings();
        tables.append("\nAt ").append(server).append(", in microseconds for each `query-status`:\n\n");
        tables.append("| | bytes | min | p50 | p90 | p99 | processor time, client | processor time, server |\n");
        tables.append("|---|---|---|---|---|---|---|---|\n");
        timings.forEach((name, timing) -> tables.append("| ")
                .append(name)
                .append(" | ")
                .append(name.equals(QmpComparison.PEER) ? peerBytes : bytes)
                .append(" | ")
                .append(timing.cells())
                .append(" |\n"));
        tables.append('\n');
        for (TransportKind kind : QmpComparison.KINDS) {
            QmpTimings floor = of(timings, QmpComparison.floor(kind));
            QmpTimings ours = of(timings, QmpComparison.ours(kind));
            String where = ", " + QmpComparison.nameOf(kind) + ", at " + server;
            figures.add(QmpFigure.atMost(
                    "overhead over the floor" + where, ours.medianAbove(floor), "%.1f µs", OVERHEAD_MICROS));
            tables.append(String.format(
                    Locale.ROOT,
                    "- overhead, %s: difference of the minima %.1f µs, of the p50 %.1f µs%n",
                    QmpComparison.nameOf(kind),
                    ours.at(0) - floor.at(0),
                    ours.median() - floor.median()));
            if (timings.containsKey(QmpComparison.PEER)) {
                peerSeen = true;
                figures.add(QmpFigure.atLeast(
                        "speed against qemu.qmp" + where,
                        ours.timesFasterThan(of(timings, QmpComparison.PEER)),
                        "%.2f times",
                        timesThePeer));
                tables.append(String.format(
                        Locale.ROOT,
                        "- speed of the floor against qemu.qmp, %s: %.2f times%n",
                        QmpComparison.nameOf(kind),
                        floor.timesFasterThan(of(timings, QmpComparison.PEER))));
            }
        }
    }

    private static QmpTimings of(Map<String, QmpTimings> timings, String name) {
        return timings.getOrDefault(name, new QmpTimings());
    }

    void schema(QmpSchemaTime time) {
        figures.add(QmpFigure.atMost(
                "schema, read into its type, over the floor",
                time.ours().medianAbove(time.floor()) / 1e3,
                "%.1f ms",
                SCHEMA_MILLIS));
        others.append(String.format(
                Locale.ROOT,
                "- `query-qmp-schema`: floor min %.1f ms, median %.1f; ours min %.1f, median %.1f%n",
                time.floor().at(0) / 1e3,
                time.floor().median() / 1e3,
                time.ours().at(0) / 1e3,
                time.ours().median() / 1e3));
    }

    /**
     * Takes runs of events. The figure is the median of their losses: a busy machine may keep the thread that takes them from running for
     * longer than the queue lasts.
     *
     * @param kind the transport
     * @param perSecond how many were to come each second
     * @param runs what happened
     */
    void events(TransportKind kind, int perSecond, List<QmpEventRate> runs) {
        figures.add(QmpFigure.atMost(
                "events lost of " + runs.get(0).sent() + " at " + perSecond + " a second, "
                        + QmpComparison.nameOf(kind),
                Spread.of(runs.stream().map(rate -> (double) rate.missing()).toList())
                        .median(),
                "%.0f",
                0));
        runs.forEach(rate -> tell(kind, perSecond + " a second", rate));
    }

    /** Takes a run of events that were sent as fast as they could be, which has no target. */
    void eventsUnlimited(TransportKind kind, QmpEventRate rate) {
        tell(kind, "as fast as they can be sent", rate);
    }

    private void tell(TransportKind kind, String how, QmpEventRate rate) {
        others.append(String.format(
                Locale.ROOT,
                "- events, %s, %s: %d of %d taken, %.0f a second, %d lost; from made to taken: median %d µs, p99 %d µs%n",
                QmpComparison.nameOf(kind),
                how,
                rate.taken(),
                rate.sent(),
                rate.perSecond(),
                rate.lost(),
                rate.medianMicros(),
                rate.p99Micros()));
    }

    void idle(TransportKind kind, int clients, long heap, long threads) {
        figures.add(QmpFigure.atMost(
                "heap of each of " + clients + " idle clients, " + QmpComparison.nameOf(kind),
                heap / 1e3,
                "%.1f kB",
                HEAP_KB));
        others.append("- threads of each idle client, ")
                .append(QmpComparison.nameOf(kind))
                .append(", just after a command: ")
                .append(threads)
                .append(" (one of them ends after 10 idle seconds)\n");
    }

    void firstCommand(TransportKind kind, Map<String, Long> nanos) {
        collect(firstCommands, kind, nanos);
    }

    void firstCommandOfFloor(TransportKind kind, Map<String, Long> nanos) {
        collect(floorOfFirst, kind, nanos);
    }

    private static void collect(
            Map<TransportKind, Map<String, List<Double>>> to, TransportKind kind, Map<String, Long> nanos) {
        Map<String, List<Double>> parts = to.computeIfAbsent(kind, ignored -> new LinkedHashMap<>());
        nanos.forEach((name, value) ->
                parts.computeIfAbsent(name, ignored -> new ArrayList<>()).add(value / 1e6));
    }

    void jar(long bytes) {
        figures.add(QmpFigure.atMost("jar of microvm-qmp", bytes / 1e6, "%.2f MB", JAR_MB));
    }

    void machine(List<String> lines) {
        machine.addAll(lines);
    }

    private List<QmpFigure> figures() {
        List<QmpFigure> all = new ArrayList<>(figures);
        firstCommands.forEach((kind, parts) -> all.add(QmpFigure.atMost(
                "first command of a fresh JVM, " + QmpComparison.nameOf(kind),
                Spread.of(parts.getOrDefault(QmpFirstCommand.TOTAL, List.of())).median(),
                "%.0f ms",
                FIRST_COMMAND_MILLIS)));
        return all;
    }

    boolean allMet() {
        return peerSeen && figures().stream().allMatch(QmpFigure::met);
    }

    private static void rows(StringBuilder text, String prefix, Map<String, List<Double>> parts) {
        parts.forEach((name, values) -> text.append("| ")
                .append(prefix)
                .append(name.equals(QmpFirstCommand.TOTAL) ? "**total**" : name)
                .append(" | ")
                .append(Spread.of(values).cells("%.1f"))
                .append(" |\n"));
    }

    String markdown() {
        StringBuilder text = new StringBuilder("| figure | measured | target | |\n|---|---|---|---|\n");
        figures().forEach(figure -> text.append(figure.row()));
        text.append(
                        "\nAgainst a real QEMU the ratio to qemu.qmp is dominated by QEMU itself, which reads a command byte by byte,")
                .append(
                        " about 4 µs for each: what counts there is the number of bytes, and every client pays for its own.\n")
                .append("\nTimes are from ")
                .append(rounds)
                .append(" blocks of ")
                .append(operations)
                .append(
                        " operations of each contestant at each server, taking turns; an overhead or a speed above is the median over the blocks")
                .append(" of the difference or ratio of the two medians of a round. At depth ")
                .append(QmpComparison.DEPTH)
                .append(" each operation gets its share of its block.\n")
                .append(tables)
                .append(
                        "\nThe first command of a fresh JVM at a real QEMU, in ms. The launch of the JVM up to `main` is no part of the total; the"
                                + " processor time is that of all threads since the launch; the floor is a bare channel:\n\n");
        firstCommands.forEach((kind, parts) -> {
            text.append("| ")
                    .append(QmpComparison.nameOf(kind))
                    .append(" | min | lower quartile | median | upper quartile | max |\n|---|---|---|---|---|---|\n");
            rows(text, "", parts);
            rows(text, "floor: ", floorOfFirst.getOrDefault(kind, Map.of()));
            text.append('\n');
        });
        text.append("Others:\n\n").append(others).append("\nMachine:\n\n");
        machine.forEach(line -> text.append("- ").append(line).append('\n'));
        return text.toString();
    }
}
