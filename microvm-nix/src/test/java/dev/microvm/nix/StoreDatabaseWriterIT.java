/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads beside another process that opens, commits, checkpoints and closes all the time, as short-lived Nix processes do. */
class StoreDatabaseWriterIT {
    private static final int DUMPS = 20;

    @TempDir
    Path folder;

    @Test
    void everyDumpHoldsWhatWasCommittedBeforeItAndIsWholeInItself() throws Exception {
        SampleStore sample = SampleStore.create(folder);
        Process writer = startWriter();
        try (BufferedReader lines = writer.inputReader(StandardCharsets.UTF_8)) {
            int committed = Integer.parseInt(lines.readLine());
            for (int dump = 0; dump < DUMPS; dump++) {
                while (lines.ready()) {
                    committed = Integer.parseInt(lines.readLine());
                }
                List<DumpRecord> records = DumpRecord.of(StoreDump.of(sample.database()));
                assertThat(records).hasSizeGreaterThanOrEqualTo(committed);
                assertThat(records.stream().mapToInt(r -> r.references().size()).sum())
                        .as("each but the first refers to the one before")
                        .isEqualTo(records.size() - 1);
            }
            writer.getOutputStream().write('\n');
            writer.getOutputStream().flush();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                committed = Integer.parseInt(line);
            }
            assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(writer.exitValue()).isZero();
            assertThat(sample.database().paths()).isEqualTo(committed).isGreaterThan(DUMPS);
            assertThat(SampleStore.files(sample.database())).containsOnlyKeys("db.sqlite", "schema");
        } finally {
            writer.destroyForcibly();
        }
    }

    private Process startWriter() throws Exception {
        Path tests = Path.of(WriterMain.class.getResource("WriterMain.class").toURI());
        for (int i = 0; i < 4; i++) {
            tests = tests.getParent(); // dev/microvm/nix/WriterMain.class
        }
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx128m",
                        "--module-path",
                        System.getProperty("jdk.module.path"),
                        "--patch-module",
                        "dev.microvm.nix=" + tests,
                        "--module",
                        "dev.microvm.nix/" + WriterMain.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
