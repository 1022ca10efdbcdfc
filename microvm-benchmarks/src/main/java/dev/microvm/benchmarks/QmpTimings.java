/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The measured blocks of one contestant at one server. Figures are in microseconds. */
final class QmpTimings {
    private final List<long[]> blocks = new ArrayList<>();
    private long operations;
    private long clientNanos;
    private long serverNanos;

    /**
     * Adds a block.
     *
     * @param nanos what each operation took
     * @param client processor time of the client's process in the block, in nanoseconds
     * @param server processor time of the server's process in the block, in nanoseconds
     */
    void add(long[] nanos, long client, long server) {
        blocks.add(nanos);
        operations += nanos.length;
        clientNanos += client;
        serverNanos += server;
    }

    /** {@return the value that a share of all operations stays below} */
    double at(double share) {
        return at(share, blocks.stream().flatMapToLong(Arrays::stream).toArray());
    }

    private static double at(double share, long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))] / 1e3;
    }

    /** {@return how many blocks there are} */
    int blocks() {
        return blocks.size();
    }

    double median() {
        return at(0.5);
    }

    /** {@return the median over the rounds of the difference of both medians: less disturbed by a load that changes meanwhile} */
    double medianAbove(QmpTimings floor) {
        List<Double> differences = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            differences.add(at(0.5, blocks.get(i)) - at(0.5, floor.blocks.get(i)));
        }
        return Spread.of(differences).median();
    }

    /** {@return the median over the rounds of how many times the other's median is ours} */
    double timesFasterThan(QmpTimings other) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            ratios.add(at(0.5, other.blocks.get(i)) / at(0.5, blocks.get(i)));
        }
        return Spread.of(ratios).median();
    }

    /** {@return min, p50, p90, p99, then processor time of client and server for each operation, as cells of a Markdown table row} */
    String cells() {
        return String.format(
                Locale.ROOT,
                "%.1f | %.1f | %.1f | %.1f | %.1f | %.1f",
                at(0),
                at(0.5),
                at(0.9),
                at(0.99),
                clientNanos / 1e3 / operations,
                serverNanos / 1e3 / operations);
    }
}
