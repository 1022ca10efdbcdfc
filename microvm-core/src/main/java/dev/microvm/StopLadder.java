/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.VmExit.Rung;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings a VM to its end, gently first. Each rung is tried only when the one before has not ended the VM within its limit; which one
 * did is the result. QMP's {@code return} proves nothing (a guest that ignores its power button also gets one), so only QEMU's end
 * counts.
 */
final class StopLadder {
    /** One step: what is done, and how long that and its effect may take together. */
    record Step(Rung rung, Duration limit, Action action) {}

    /** Does something that should end the VM; fails where it cannot be done, which takes the ladder to the next step. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    /** Waits for QEMU's end. */
    @FunctionalInterface
    interface End {
        /** {@return whether QEMU has ended within the limit} */
        boolean await(Duration limit) throws InterruptedException;
    }

    /** Hears of each rung before it is tried. */
    @FunctionalInterface
    interface Progress {
        void trying(Rung rung, Duration limit);
    }

    private final List<Step> steps = new ArrayList<>();

    StopLadder add(Rung rung, Duration limit, Action action) {
        steps.add(new Step(rung, limit, action));
        return this;
    }

    /**
     * Climbs until the VM has ended.
     *
     * @return the rung that ended it; {@link Rung#BY_ITSELF} if it had ended before; empty if it outlived them all
     * @throws InterruptedException if the calling thread is interrupted; the VM may still run
     */
    Optional<Rung> climb(End end, Progress progress) throws InterruptedException {
        if (end.await(Duration.ZERO)) {
            return Optional.of(Rung.BY_ITSELF);
        }
        for (Step step : steps) {
            progress.trying(step.rung(), step.limit());
            long deadline = System.nanoTime() + step.limit().toNanos();
            try {
                step.action().run();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) { // a rung that cannot be tried (no agent, QMP gone) must not end the climb
                System.getLogger(StopLadder.class.getName())
                        .log(System.Logger.Level.DEBUG, "rung {0} failed: {1}", step.rung(), e.toString());
                if (end.await(Duration.ofMillis(50))) {
                    return Optional.of(step.rung());
                }
                continue;
            }
            if (end.await(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                return Optional.of(step.rung());
            }
        }
        return Optional.empty();
    }
}
