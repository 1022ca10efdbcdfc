/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ColdBootIT {
    /** Takes minutes and a quiet machine, so only in the full run. */
    @Test
    void aColdBootTakesAtMost115PercentOfItsFloor() throws IOException {
        assumeTrue(Boolean.getBoolean("microvm.full"), "only with -Dmicrovm.full=true");
        Path report = Path.of("target", "cold-boot.md");

        int code = new CommandLine(new ColdBoot())
                .execute(
                        "--pairs",
                        "11",
                        "--limit",
                        "1.15",
                        "--output",
                        report.toString(),
                        // The test runner's own class path is one jar that names the others.
                        "--class-path",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));

        assertThat(code)
                .as(() ->
                        Files.exists(report) ? read(report) : "no report was written: a measurement failed, see above")
                .isZero();
    }

    private static String read(Path report) {
        try {
            return Files.readString(report);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
