/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lifeline that lives on without the JVM that started it. */
@Timeout(60)
class LifelineDetachTest {
    @TempDir
    Path temp;

    @AfterEach
    void leavesNoThread() {
        Eventually.noThreadNamed("microvm-t-");
    }

    private LifelineOptions options() {
        return LifelineOptions.of("t", temp.resolve("state")).withGrace(Duration.ofMillis(200));
    }

    private static SupervisedProcess sleep(Lifeline lifeline, String name) throws InterruptedException {
        return lifeline.spawn(SpawnRequest.of(name, List.of("sleep", "300")));
    }

    @Test
    void isDetachedUntilItsProgramsHaveEnded() throws Exception {
        Path stop = temp.resolve("stop");
        Lifeline lifeline = Lifeline.start(options());
        SupervisedProcess program = lifeline.spawn(
                SpawnRequest.of("a", List.of("sh", "-c", "until [ -e " + stop + " ]; do sleep 0.05; done")));
        lifeline.detach();
        lifeline.close();

        Eventually.noThreadNamed("microvm-t-");
        assertThat(Eventually.alive(program.pid())).isTrue();
        assertThatThrownBy(() -> sleep(lifeline, "b")).isInstanceOf(IllegalStateException.class);
        Files.writeString(stop, "");
        Eventually.gone(lifeline.stateFolder());
        Eventually.dead(program.pid(), lifeline.pid());
    }

    @Test
    void endsTheOthersWithTheProgramItWasDetachedFor() throws Exception {
        Lifeline lifeline = Lifeline.start(options());
        SupervisedProcess service = sleep(lifeline, "service");
        SupervisedProcess machine = sleep(lifeline, "machine");
        lifeline.detach(machine);
        lifeline.close();
        ProcessHandle.of(machine.pid()).orElseThrow().destroy();

        Eventually.gone(lifeline.stateFolder());
        Eventually.dead(service.pid(), machine.pid(), lifeline.pid());
    }

    @Test
    void takesTermForTheEndOnceItIsDetached() throws Exception {
        Lifeline lifeline = Lifeline.start(options());
        SupervisedProcess program = sleep(lifeline, "program");
        lifeline.detach();
        ProcessHandle.of(lifeline.pid()).orElseThrow().destroy();

        Eventually.gone(lifeline.stateFolder());
        Eventually.dead(program.pid(), lifeline.pid());
    }
}
