/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A command that was sent and not yet answered. */
record PendingCall(int id, String command, long sentNanos, CompletableFuture<Outcome> outcome) {

    PendingCall(int id, String command) {
        this(id, command, System.nanoTime(), new CompletableFuture<>());
    }

    /** Runs something on the reader thread when the call has ended: it must be of this package, and short. */
    void onOutcome(Consumer<Outcome> action) {
        var unused = outcome.thenAccept(action);
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - sentNanos);
    }
}
