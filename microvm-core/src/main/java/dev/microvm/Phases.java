/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Keeps the time of each phase and tells the listener, whose mistakes harm nobody. */
final class Phases {
    /** A phase that is over. */
    record Timed(Phase phase, Duration elapsed) {}

    private final VmListener listener;
    private final long created = System.nanoTime();
    private final List<Timed> done = new ArrayList<>();
    private Phase current = Phase.PREFLIGHT;
    private long begun = created;

    Phases(VmListener listener) {
        this.listener = listener;
    }

    void begin(Phase phase) {
        synchronized (this) {
            current = phase;
            begun = System.nanoTime();
        }
        tell(() -> listener.phaseStarted(phase));
    }

    void complete() {
        Timed timed;
        synchronized (this) {
            timed = new Timed(current, Duration.ofNanos(System.nanoTime() - begun));
            done.add(timed);
        }
        tell(() -> listener.phaseCompleted(timed.phase(), timed.elapsed()));
    }

    void note(String text) {
        note(current(), text);
    }

    void note(Phase phase, String text) {
        tell(() -> listener.note(phase, text));
    }

    void exited(VmExit exit) {
        tell(() -> listener.exited(exit));
    }

    synchronized Phase current() {
        return current;
    }

    synchronized List<Timed> done() {
        return List.copyOf(done);
    }

    /** {@return the time spent in the current phase so far} */
    synchronized Duration sincePhaseBegan() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    Duration sinceCreation() {
        return Duration.ofNanos(System.nanoTime() - created);
    }

    private static void tell(Runnable call) {
        try {
            call.run();
        } catch (Throwable e) { // an AssertionError in a test's listener must not keep a VM from being stopped
            System.getLogger(VmListener.class.getName())
                    .log(System.Logger.Level.WARNING, "a VmListener threw, which is ignored", e);
        }
    }
}
