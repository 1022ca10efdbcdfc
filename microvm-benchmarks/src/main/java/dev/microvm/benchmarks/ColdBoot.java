/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.VmHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what the library adds to a cold boot: alternating pairs of a start in a fresh JVM and of {@link BareBoot}, the floor. */
@Command(
        name = "cold-boot",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures a cold boot against its floor, in alternating pairs on this machine.",
            "",
            "Ours: a fresh JVM, from the call of start (preflight and class loading in) to the answer of \"true\"; the launch of the JVM"
                    + " is told apart. Floor: the run.sh that the library writes, run by sh, with a client of bare sockets in this"
                    + " program's warm JVM that sends the same lines. The initramfs is in the cache for both; no store is shared."
        },
        footer = {
            "",
            "Exit codes: 0 the ratio is within the limit; 1 it is not, or a measurement failed; 2 wrong arguments."
        })
public final class ColdBoot implements Callable<Integer> {
    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "11",
            description = "Pairs to measure (default: ${DEFAULT-VALUE}).")
    private int pairs = 11;

    @Option(
            names = "--limit",
            paramLabel = "RATIO",
            defaultValue = "1.15",
            description = "The ratio of the medians that is good enough (default: ${DEFAULT-VALUE}).")
    private double limit = 1.15;

    @Option(names = "--output", paramLabel = "FILE", description = "Also write the report to FILE, as Markdown.")
    private @Nullable Path output;

    @Option(
            names = "--jvm-option",
            paramLabel = "OPTION",
            description =
                    "Give the fresh JVMs an option, such as -XX:SharedArchiveFile=FILE; the limit is meant for a JVM without any.")
    private List<String> jvmOptions = List.of();

    @Option(
            names = "--class-path",
            paramLabel = "PATH",
            description = "The class path of the fresh JVMs (default: that of this program).")
    private String classPath = System.getProperty("java.class.path");

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ColdBoot()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (pairs < 1) {
            throw new IllegalArgumentException("--pairs = " + pairs + ": must be at least 1");
        }
        String loadBefore = MachineText.load();
        ColdBootRecipe recipe = ColdBootRecipe.record();
        ColdBootReport report = new ColdBootReport();
        for (int pair = 1; pair <= pairs; pair++) {
            measure(pair, recipe, report);
        }
        List<String> machine = new ArrayList<>();
        try (VmHost host = VmHost.create()) {
            machine.addAll(MachineText.lines(host.preflight(ColdBootOurs.spec())));
        }
        machine.add("load averages before: " + loadBefore + "; after: " + MachineText.load());
        if (!jvmOptions.isEmpty()) {
            machine.add("options of the fresh JVMs: " + String.join(" ", jvmOptions));
        }
        String text = report.markdown(machine, limit);
        System.out.println("\n" + text);
        if (output != null) {
            Files.writeString(output, text);
        }
        return report.ratio() <= limit ? 0 : 1;
    }

    /** Which of the two comes first changes from pair to pair, so that a load that grows or shrinks favours neither. */
    private void measure(int pair, ColdBootRecipe recipe, ColdBootReport report)
            throws IOException, InterruptedException {
        Map<String, Double> ours;
        Map<String, Double> floor;
        if (pair % 2 == 1) {
            ours = ours();
            floor = BareBoot.time(recipe);
        } else {
            floor = BareBoot.time(recipe);
            ours = ours();
        }
        double ratio = report.add(ours, floor);
        System.out.printf(
                Locale.ROOT,
                "pair %d: ours %.0f ms, floor %.0f ms, ratio %.3f%n",
                pair,
                ours.get(ColdBootOurs.TOTAL),
                floor.get(ColdBootOurs.TOTAL),
                ratio);
    }

    /** Starts the fresh JVM and reads what it prints; it has stopped its VM when this returns. */
    private Map<String, Double> ours() throws IOException, InterruptedException {
        return parse(new FreshJvm(classPath, jvmOptions)
                .run(ColdBootOurs.class, Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()))));
    }

    static Map<String, Double> parse(String said) {
        Map<String, Double> parts = new LinkedHashMap<>();
        said.lines()
                .map(line -> line.split(" ", 2))
                .forEach(words -> parts.put(words[0], Long.parseLong(words[1]) / 1e6));
        return parts;
    }
}
