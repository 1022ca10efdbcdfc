/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.util.Collection;
import java.util.Locale;

/**
 * How measured values are spread: quartiles, because the mean of times on a shared machine says nothing.
 *
 * @param min the smallest
 * @param lower a quarter lies below
 * @param median a half lies below
 * @param upper a quarter lies above
 * @param max the largest
 */
record Spread(double min, double lower, double median, double upper, double max) {

    /**
     * {@return the spread of some values, by linear interpolation between the nearest two}
     *
     * @throws IllegalArgumentException if there are none
     */
    static Spread of(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("values = []: a spread needs at least one");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Spread(at(sorted, 0), at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75), at(sorted, 1));
    }

    private static double at(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** {@return the five numbers as cells of a Markdown table row, without its ends} */
    String cells(String format) {
        return String.format(
                Locale.ROOT,
                String.join(" | ", format, format, format, format, format),
                min,
                lower,
                median,
                upper,
                max);
    }
}
