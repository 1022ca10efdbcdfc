/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The two steps from an open folder that Java lacks, mkdirat(2) and linkat(2). A shell enters the folder, makes sure that it stands where
 * the path says and was led there by no link, and only then does the step: from then on its working directory is that folder, whatever a
 * guest does to the path.
 */
final class FolderStep {
    /** They take 2 ms; a disk that hangs must not hang the start for ever. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final String ENTER = """
            cd -P -- "$1" && [ "$(pwd -P)" = "$1" ] ||
                { echo "$1 was moved, or is a link by now; a guest may have done that" >&2; exit 1; }
            umask 077
            """;

    private FolderStep() {}

    /**
     * Makes a directory with mode 0700.
     *
     * @param folder where, without links in it
     * @param name a name without slashes
     * @throws IOException if the name is taken, or the folder is not there any more
     * @throws InterruptedException if the calling thread is interrupted
     */
    static void makeDirectory(Path folder, Path name) throws IOException, InterruptedException {
        run("mkdir \"./$2\"", folder, name);
    }

    /**
     * Gives a file another name, unless that is taken: rename(2) would take it away from whoever has it. The first name goes, and nothing
     * lies between the two but a death of this host.
     *
     * @param folder where, without links in it
     * @throws IOException if the new name is taken, the file system has no hard links, or the folder is not there any more
     * @throws InterruptedException if the calling thread is interrupted
     */
    static void rename(Path folder, Path from, Path to) throws IOException, InterruptedException {
        run("link \"./$2\" \"./$3\" && rm -f \"./$2\"", folder, from, to);
    }

    private static void run(String step, Path folder, Path... names) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", ENTER + step, "sh", folder.toString()));
        for (Path name : names) {
            command.add(name.toString());
        }
        try {
            ProcessExit exit = HostProcess.run(command, Map.of(), LIMIT);
            if (!exit.succeeded()) {
                String words = String.join("; ", exit.stderrTail());
                throw new IOException(
                        exit.timedOut()
                                ? folder + " did not answer within " + LIMIT.toSeconds() + " s"
                                : words.isEmpty() ? exit.describe() : words);
            }
        } catch (UncheckedIOException e) {
            throw new IOException("cannot run sh: " + e.getMessage(), e);
        }
    }
}
