/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.VmExit.Rung;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StopLadderTest {
    private static final Duration SOON = Duration.ofMillis(1);

    private final AtomicBoolean ended = new AtomicBoolean();
    private final List<Rung> tried = new ArrayList<>();

    private StopLadder.End end() {
        return limit -> ended.get();
    }

    private StopLadder.Progress progress() {
        return (rung, limit) -> tried.add(rung);
    }

    @Test
    void saysWhichRungEndedTheVm() throws InterruptedException {
        StopLadder ladder = new StopLadder()
                .add(Rung.GUEST_COMMAND, SOON, () -> {})
                .add(Rung.POWER_BUTTON, SOON, () -> ended.set(true))
                .add(Rung.SIGKILL, SOON, () -> {});

        assertThat(ladder.climb(end(), progress())).contains(Rung.POWER_BUTTON);
        assertThat(tried).containsExactly(Rung.GUEST_COMMAND, Rung.POWER_BUTTON);
    }

    @Test
    void takesTheNextRungWhereOneCannotBeTried() throws InterruptedException {
        StopLadder ladder = new StopLadder()
                .add(Rung.GUEST_COMMAND, SOON, () -> {
                    throw new IllegalStateException("no agent");
                })
                .add(Rung.QMP_QUIT, SOON, () -> ended.set(true));

        assertThat(ladder.climb(end(), progress())).contains(Rung.QMP_QUIT);
    }

    @Test
    void countsTheRungThatFailedBecauseTheVmWentAway() throws InterruptedException {
        StopLadder ladder = new StopLadder().add(Rung.GUEST_COMMAND, SOON, () -> {
            ended.set(true);
            throw new IllegalStateException("connection closed before the answer");
        });

        assertThat(ladder.climb(end(), progress())).contains(Rung.GUEST_COMMAND);
    }

    @Test
    void triesNothingWhereTheVmHasEnded() throws InterruptedException {
        ended.set(true);

        assertThat(new StopLadder().add(Rung.SIGKILL, SOON, () -> {}).climb(end(), progress()))
                .contains(Rung.BY_ITSELF);
        assertThat(tried).isEmpty();
    }

    @Test
    void saysThatNothingHelped() throws InterruptedException {
        assertThat(new StopLadder().add(Rung.SIGKILL, SOON, () -> {}).climb(end(), progress()))
                .isEmpty();
    }
}
