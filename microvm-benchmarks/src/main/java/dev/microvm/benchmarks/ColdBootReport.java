/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The measured pairs of {@link ColdBoot}, and what follows from them. Times are in milliseconds. */
final class ColdBootReport {
    private static final String HEAD =
            "| | min | lower quartile | median | upper quartile | max |\n|---|---|---|---|---|---|\n";
    /** Not between the call of {@code start} and the answer, so not compared. */
    private static final Set<String> APART = Set.of(ColdBootOurs.LAUNCH, ColdBootOurs.SPEC);

    private final Map<String, List<Double>> ours = new LinkedHashMap<>();
    private final Map<String, List<Double>> floor = new LinkedHashMap<>();
    private final List<Double> ratios = new ArrayList<>();

    /**
     * Adds a pair, each with its parts and {@link ColdBootOurs#TOTAL}.
     *
     * @return its ratio
     */
    double add(Map<String, Double> oursOfPair, Map<String, Double> floorOfPair) {
        collect(oursOfPair, ours);
        collect(floorOfPair, floor);
        double ratio = last(ours) / last(floor);
        ratios.add(ratio);
        return ratio;
    }

    private static void collect(Map<String, Double> from, Map<String, List<Double>> to) {
        from.forEach((name, millis) ->
                to.computeIfAbsent(name, ignored -> new ArrayList<>()).add(millis));
    }

    private static double last(Map<String, List<Double>> measured) {
        List<Double> totals = measured.getOrDefault(ColdBootOurs.TOTAL, List.of());
        return totals.get(totals.size() - 1);
    }

    /** {@return the ratio of the medians} */
    double ratio() {
        return total(ours).median() / total(floor).median();
    }

    /** {@return the median of the ratios within each pair: less disturbed by a load that changes while it is measured} */
    double pairedRatio() {
        return Spread.of(ratios).median();
    }

    private static Spread total(Map<String, List<Double>> measured) {
        return Spread.of(measured.getOrDefault(ColdBootOurs.TOTAL, List.of()));
    }

    /**
     * {@return the report as Markdown}
     *
     * @param machine describes the machine
     * @param limit the ratio that counts as good enough
     */
    String markdown(List<String> machine, double limit) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "Ratio of the medians: **%.3f** (limit %.2f: %s), median of the ratios within the %d pairs: %.3f.\n\n",
                ratio(),
                limit,
                ratio() <= limit ? "met" : "missed",
                ratios.size(),
                pairedRatio()));
        text.append(HEAD);
        row(text, "ours, ms", total(ours), "%.0f");
        row(text, "floor, ms", total(floor), "%.0f");
        row(text, "ratio within a pair", Spread.of(ratios), "%.3f");
        text.append("\nParts of ours, in ms; in brackets what is told apart and not compared:\n\n");
        parts(text, ours);
        text.append("\nParts of the floor, in ms:\n\n");
        parts(text, floor);
        text.append("\nMachine:\n\n");
        machine.forEach(line -> text.append("- ").append(line).append('\n'));
        return text.toString();
    }

    private static void parts(StringBuilder text, Map<String, List<Double>> measured) {
        text.append(HEAD);
        measured.forEach((name, values) -> {
            if (!name.equals(ColdBootOurs.TOTAL)) {
                row(text, APART.contains(name) ? "(" + name + ")" : name, Spread.of(values), "%.1f");
            }
        });
    }

    private static void row(StringBuilder text, String name, Spread spread, String format) {
        text.append("| ")
                .append(name)
                .append(" | ")
                .append(spread.cells(format))
                .append(" |\n");
    }
}
