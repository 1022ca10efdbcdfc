/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@link ShareBenchmark} has measured. Times are in milliseconds, ratios are medians of those within a round. */
final class ShareReport {
    private final int rounds;
    private final int files;
    private final int mib;
    private final Map<ShareWorkload, Map<String, List<Double>>> times = new EnumMap<>(ShareWorkload.class);
    private final List<String> machine = new ArrayList<>();

    ShareReport(int rounds, int files, int mib) {
        this.rounds = rounds;
        this.files = files;
        this.mib = mib;
    }

    void add(ShareContestant contestant, ShareWorkload workload, double millis) {
        times.computeIfAbsent(workload, ignored -> new LinkedHashMap<>())
                .computeIfAbsent(contestant.name(), ignored -> new ArrayList<>())
                .add(millis);
    }

    void machine(List<String> lines) {
        machine.addAll(lines);
    }

    /** {@return how many times faster ours was, the median of the rounds} */
    double timesFaster(ShareWorkload workload, String ours, String other) {
        List<Double> mine = of(workload, ours);
        List<Double> others = of(workload, other);
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < mine.size(); i++) {
            ratios.add(others.get(i) / mine.get(i));
        }
        return Spread.of(ratios).median();
    }

    private List<Double> of(ShareWorkload workload, String contestant) {
        return times.getOrDefault(workload, Map.of()).getOrDefault(contestant, List.of());
    }

    String markdown() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%d rounds; %d small files of 1 to 8 KiB, one large file of %d MiB. Times in ms; the last two columns tell how many"
                        + " times as long it took as our default of the same kind, and as our virtiofs.%n",
                rounds,
                files,
                mib));
        times.forEach((workload, byContestant) -> {
            text.append("\n**").append(workload.title()).append("**\n\n");
            text.append(
                    "| | min | lower quartile | median | upper quartile | max | against ours | against our virtiofs |\n");
            text.append("|---|---|---|---|---|---|---|---|\n");
            byContestant.forEach((name, measured) -> text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %.2f |%n",
                    name,
                    Spread.of(measured).cells("%.0f"),
                    ratio(workload, sameKind(name), name),
                    timesFaster(workload, ShareContestant.OUR_VIRTIOFS, name))));
        });
        text.append("\nMachine:\n\n");
        machine.forEach(line -> text.append("- ").append(line).append('\n'));
        return text.toString();
    }

    private String ratio(ShareWorkload workload, String ours, String name) {
        return name.equals(ours) ? "" : String.format(Locale.ROOT, "%.2f", timesFaster(workload, ours, name));
    }

    private static String sameKind(String name) {
        return name.startsWith("9p") ? ShareContestant.OUR_NINEP : ShareContestant.OUR_VIRTIOFS;
    }
}
