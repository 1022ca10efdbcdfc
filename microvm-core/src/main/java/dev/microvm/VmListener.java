/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Phase;
import java.time.Duration;

/**
 * Follows a VM's life. Called on the thread that starts or stops the VM, or on one of the library's; never with a lock held. What a
 * listener throws is logged and otherwise ignored.
 */
public interface VmListener {
    /** Hears nothing. */
    VmListener NONE = new VmListener() {};

    /**
     * A phase begins.
     *
     * @param phase the one that begins; the one before is over
     */
    default void phaseStarted(Phase phase) {}

    /**
     * A phase is over.
     *
     * @param phase the one that succeeded; one that fails is not told, the exception is
     * @param elapsed its own time
     */
    default void phaseCompleted(Phase phase, Duration elapsed) {}

    /**
     * Something worth telling happened: a choice with its reason, a fallback, a step of long work.
     *
     * @param phase the one in which it happened
     * @param text a sentence for a person, without a line end
     */
    default void note(Phase phase, String text) {}

    /**
     * The VM has ended; everything it used is released.
     *
     * @param exit what ended it, and how
     */
    default void exited(VmExit exit) {}
}
