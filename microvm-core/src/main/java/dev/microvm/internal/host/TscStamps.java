/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Takes the output of {@link TscRom} as it arrives, notes the time of each stamp's first byte, and fits a rate to the pairs. */
final class TscStamps extends OutputStream {
    /** Stamps of one block compete for the least delay; 16 of them leave 16 blocks. */
    private static final int BLOCK = 16;

    /** Fewer blocks say nothing about the spread. */
    private static final int FEWEST_BLOCKS = 4;

    /** The choice within a block depends a little on the slope, which the choice improves; it settles in two or three turns. */
    private static final int TURNS = 4;

    private final List<Stamp> stamps = new ArrayList<>();
    private long ticks;
    private int bytes;
    private long firstByteNanos;

    /** A value of the counter and the time on the host's monotonic clock at which it was seen. */
    record Stamp(long ticks, long nanos) {}

    @Override
    public void write(int value) {
        accept((byte) value, System.nanoTime());
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
        long now = System.nanoTime();
        for (int i = offset; i < offset + length; i++) {
            accept(buffer[i], now);
        }
    }

    private synchronized void accept(byte value, long now) {
        if (bytes == 0) {
            firstByteNanos = now;
            ticks = 0;
        }
        ticks |= (value & 0xffL) << (8 * bytes);
        bytes++;
        if (bytes == TscRom.STAMP_BYTES) {
            stamps.add(new Stamp(ticks, firstByteNanos));
            bytes = 0;
        }
    }

    synchronized List<Stamp> stamps() {
        return List.copyOf(stamps);
    }

    /** {@return the rate these stamps show; empty if there are too few of them or they make no sense} */
    Optional<TscRate> rate() {
        return rate(stamps());
    }

    /**
     * Fits a line under the points. A stamp can arrive late, by microseconds or, on a loaded host, by many milliseconds, but never early:
     * so in each block the one with the least delay counts, and the slope is the median of the slopes between distant blocks, which no few
     * late blocks can move.
     */
    static Optional<TscRate> rate(List<Stamp> stamps) {
        int blocks = stamps.size() / BLOCK;
        if (blocks < FEWEST_BLOCKS) {
            return Optional.empty();
        }
        Stamp first = stamps.get(0);
        Stamp last = stamps.get(stamps.size() - 1);
        double nanosPerTick = (double) (last.nanos - first.nanos) / (last.ticks - first.ticks);
        double[] slopes = new double[0];
        for (int turn = 0; turn < TURNS; turn++) {
            slopes = distantSlopes(earliestOfBlocks(stamps, blocks, nanosPerTick));
            nanosPerTick = slopes[slopes.length / 2];
        }
        if (!(nanosPerTick > 0) || Double.isInfinite(nanosPerTick)) {
            return Optional.empty();
        }
        double spread = (slopes[slopes.length * 9 / 10] - slopes[slopes.length / 10]) / nanosPerTick;
        return Optional.of(new TscRate(Math.round(1_000_000 / nanosPerTick), spread, OptionalLong.empty()));
    }

    private static List<Stamp> earliestOfBlocks(List<Stamp> stamps, int blocks, double nanosPerTick) {
        List<Stamp> earliest = new ArrayList<>();
        for (int block = 0; block < blocks; block++) {
            List<Stamp> those = stamps.subList(block * BLOCK, (block + 1) * BLOCK);
            Stamp best = those.get(0);
            for (Stamp stamp : those) {
                double later = (stamp.nanos - best.nanos) - (stamp.ticks - best.ticks) * nanosPerTick;
                best = later < 0 ? stamp : best;
            }
            earliest.add(best);
        }
        return earliest;
    }

    /** Sorted slopes between all pairs of points at least half the points apart (Theil and Sen, without the near pairs). */
    private static double[] distantSlopes(List<Stamp> points) {
        List<Double> slopes = new ArrayList<>();
        int distance = points.size() / 2;
        for (int i = 0; i + distance < points.size(); i++) {
            for (int j = i + distance; j < points.size(); j++) {
                Stamp from = points.get(i);
                Stamp to = points.get(j);
                slopes.add((double) (to.nanos - from.nanos) / (to.ticks - from.ticks));
            }
        }
        double[] sorted = slopes.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
