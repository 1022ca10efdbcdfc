/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.qmp.EventSubscription;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpException;
import dev.microvm.qmp.event.ShutdownEvent;
import dev.microvm.qmp.model.ShutdownData;
import java.time.Duration;
import java.util.Optional;

/** Remembers QEMU's word that it shuts down (the QMP event SHUTDOWN), which comes before anything else of its end can be seen. */
final class ShutdownWitness implements AutoCloseable {
    private final QmpClient qmp;
    private final EventSubscription<ShutdownData> events;
    private Optional<ShutdownData> seen = Optional.empty();

    ShutdownWitness(QmpClient qmp) {
        this.qmp = qmp;
        this.events = qmp.subscribe(ShutdownEvent.TYPE);
    }

    /** {@return what QEMU said, waiting a little for it; empty where it said nothing in that time or had no chance to} */
    synchronized Optional<ShutdownData> seen(Duration wait) {
        if (seen.isEmpty()) {
            boolean interrupted = Thread.interrupted();
            try {
                seen = Optional.of(events.await(wait).data());
            } catch (QmpException e) {
                // Nothing in time, or the connection went without a word: QEMU was killed.
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        return seen;
    }

    /** {@return whether QEMU is on its way out: it has said so, or its monitor has gone} */
    boolean isLeaving(Duration wait) {
        return seen(wait).isPresent() || qmp.closed().toCompletableFuture().isDone();
    }

    @Override
    public void close() {
        events.close();
    }
}
