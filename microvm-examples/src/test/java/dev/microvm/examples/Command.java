/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the host that must succeed. */
final class Command {
    private final List<String> words;
    private final Path folder;

    private Command(List<String> words, Path folder) {
        this.words = words;
        this.folder = folder;
    }

    static Command of(String... words) {
        return new Command(List.of(words), Path.of(""));
    }

    Command with(String... more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return new Command(all, folder);
    }

    Command in(Path workingFolder) {
        return new Command(words, workingFolder);
    }

    /** {@return what it wrote to both streams} */
    String runWithin(Duration limit) throws IOException, InterruptedException {
        Path output = Files.createTempFile("command", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(folder.toAbsolutePath().toFile())
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(output.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process = builder.start();
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            String said = Files.readString(output);
            assertThat(ended)
                    .as("%s ended within %s; it said:%n%s", words, limit, said)
                    .isTrue();
            assertThat(process.exitValue())
                    .as("exit code of %s, which said:%n%s", words, said)
                    .isZero();
            return said;
        } finally {
            Files.delete(output);
        }
    }
}
