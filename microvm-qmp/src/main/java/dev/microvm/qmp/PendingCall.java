/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A command that was asked for and not yet answered.
 *
 * @param sent whether QEMU may have seen any of it
 */
record PendingCall(int id, Outgoing outgoing, long sinceNanos, AtomicBoolean sent, CompletableFuture<Outcome> outcome) {

    PendingCall(int id, Outgoing outgoing) {
        this(id, outgoing, System.nanoTime(), new AtomicBoolean(), new CompletableFuture<>());
    }

    String command() {
        return outgoing.command();
    }

    /** Runs something on the reader thread when the call has ended: it must be of this package, and short. */
    void onOutcome(Consumer<Outcome> action) {
        var unused = outcome.thenAccept(action);
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - sinceNanos);
    }
}
