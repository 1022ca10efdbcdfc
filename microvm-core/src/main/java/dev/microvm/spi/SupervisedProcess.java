/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spi;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** A program under a VM's lifeline. */
public interface SupervisedProcess {
    /** {@return the name it was started under} */
    String name();

    /** {@return its process id} */
    long pid();

    /** {@return the file that takes its standard error} */
    Path stderrFile();

    /** {@return the last lines of its standard error, at most 50} */
    List<String> stderrTail();

    /** {@return a stage that completes with its exit code when it has ended; 128 + n for death by signal n} */
    CompletionStage<Integer> exit();

    /** {@return whether it has not ended yet; a zombie has ended} */
    boolean isAlive();

    /**
     * Sends SIGTERM, waits, sends SIGKILL where that was not enough, and ends what it had started itself. Returns when it has ended, at
     * the latest 5 s after SIGKILL. An interrupt makes it send SIGKILL at once; the flag is set again.
     *
     * @param grace how long it may take to end by itself; zero means a power cut: no SIGTERM, SIGKILL at once
     */
    void stop(Duration grace);
}
