/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PhasesTest {
    @Test
    void anErrorOfAListenerStopsNothing() {
        List<Phase> completed = new ArrayList<>();
        Phases phases = new Phases(new VmListener() {
            @Override
            public void phaseStarted(Phase phase) {
                throw new AssertionError("a failed assertion in a test's listener");
            }

            @Override
            public void phaseCompleted(Phase phase, Duration elapsed) {
                completed.add(phase);
            }
        });

        phases.begin(Phase.PREPARE);
        phases.complete();

        assertThat(completed).containsExactly(Phase.PREPARE);
        assertThat(phases.done()).extracting(Phases.Timed::phase).containsExactly(Phase.PREPARE);
    }
}
