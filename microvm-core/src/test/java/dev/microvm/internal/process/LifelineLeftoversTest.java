/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lifeline leaves nothing in this JVM and nothing on the host. */
@Timeout(60)
class LifelineLeftoversTest {
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
    void leavesNothingBehindAfterAnInterrupt() throws Exception {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Lifeline.start(options())).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
        Eventually.gone(temp.resolve("state"));

        Lifeline lifeline = Lifeline.start(options());
        SupervisedProcess program = sleep(lifeline, "program");
        Thread.currentThread().interrupt();
        lifeline.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(Eventually.alive(program.pid())).isFalse();
        assertThat(lifeline.stateFolder()).doesNotExist();
    }

    @Test
    void leavesNoThreadAndNoDescriptor() throws Exception {
        int before = 0;
        for (int i = 0; i < 50; i++) {
            try (Lifeline lifeline = Lifeline.start(options())) {
                if (i % 5 == 0) {
                    sleep(lifeline, "program");
                }
            }
            Eventually.noThreadNamed("microvm-t-");
            if (i == 4) {
                before = Eventually.openDescriptors();
            }
        }

        assertThat(Eventually.openDescriptors()).isLessThanOrEqualTo(before);
    }
}
