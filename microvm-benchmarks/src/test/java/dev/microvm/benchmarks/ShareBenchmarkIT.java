/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ShareBenchmarkIT {
    @TempDir
    private Path folder;

    @Test
    void wrongArgumentsHaveAnExitCodeOfTheirOwn() {
        CommandLine program = new CommandLine(new ShareBenchmark());
        program.setErr(new PrintWriter(new StringWriter()));

        assertThat(program.execute("--rounds", "0")).isEqualTo(2);
    }

    /** Whether it measures; the figures of a long run stand in docs/benchmarks.md, and a busy machine may turn each of them round. */
    @Test
    void measuresEveryContestantAtEveryWorkload() throws Exception {
        boolean full = Boolean.getBoolean("microvm.full");
        Path report = full ? Path.of("target", "shares.md") : folder.resolve("shares.md");

        int code = new CommandLine(new ShareBenchmark())
                .execute(
                        "--rounds",
                        full ? "5" : "1",
                        "--files",
                        full ? "1000" : "40",
                        "--mib",
                        full ? "64" : "2",
                        "--output",
                        report.toString());

        assertThat(code).isZero();
        String text = Files.readString(report);
        for (ShareWorkload workload : ShareWorkload.values()) {
            assertThat(text).contains("**" + workload.title() + "**");
        }
        for (ShareContestant contestant : ShareContestant.of(folder, 1)) {
            assertThat(text.lines().filter(line -> line.startsWith("| " + contestant.name() + " |")))
                    .hasSize(ShareWorkload.values().length);
        }
    }
}
