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

    /** A phase begins. */
    default void phaseStarted(Phase phase) {}

    /** A phase is over. */
    default void phaseCompleted(Phase phase, Duration elapsed) {}

    /** Something worth telling happened: a choice with its reason, a fallback, a step of long work. */
    default void note(Phase phase, String text) {}

    /** The VM has ended; everything it used is released. */
    default void exited(VmExit exit) {}
}
