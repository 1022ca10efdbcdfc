/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Phase;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpException;
import dev.microvm.qmp.command.Stop;
import dev.microvm.spec.DaemonDeath;
import dev.microvm.spi.HostService;
import dev.microvm.spi.SupervisedProcess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What becomes of a VM when a service it depends on ends: it fails, or is frozen where the service says so. */
final class ServiceDeaths {
    private static final Duration QEMU_ALSO_ENDS = Duration.ofMillis(150);
    private static final Duration QEMU_LEAVES = Duration.ofSeconds(10);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

    private final CompletableFuture<String> gone;
    private final Phases phases;
    private volatile List<String> lastWords = List.of();
    private volatile String hint = "";
    private volatile Optional<String> frozen = Optional.empty();
    private volatile @Nullable SupervisedProcess qemu;
    private volatile @Nullable ShutdownWitness shutdowns;
    private volatile @Nullable QmpClient qmp;
    private volatile boolean ready;

    /**
     * Watches for one VM.
     *
     * @param gone completed with the reason where the VM has failed
     * @param phases told where it is frozen
     */
    ServiceDeaths(CompletableFuture<String> gone, Phases phases) {
        this.gone = gone;
        this.phases = phases;
    }

    void qemuRuns(SupervisedProcess started) {
        qemu = started;
    }

    void qmpAnswers(QmpClient client, ShutdownWitness witness) {
        shutdowns = witness;
        qmp = client;
    }

    /** From now on a VM may be frozen: before, nobody would wait but for an end of the start. */
    void vmIsReady() {
        ready = true;
    }

    /**
     * A virtiofsd also ends when its QEMU has ended, and the two are heard of in any order. Only where QEMU still runs a little later was
     * it the service that died.
     */
    void died(HostService service, String reason) {
        if (qemuEndsToo()) {
            return;
        }
        if (!gone.isDone()) {
            lastWords = service.stderrTail().stream()
                    .map(line -> "(" + service.name() + ") " + line)
                    .toList();
            hint = service.deathHint();
        }
        String what = service.name() + " died: " + reason;
        if (service.onDeath() != DaemonDeath.FREEZE_VM || !ready || !freeze(what)) {
            gone.complete(what);
        }
    }

    private boolean qemuEndsToo() {
        SupervisedProcess running = qemu;
        ShutdownWitness witness = shutdowns;
        try {
            if (running != null) {
                boolean leaving = witness != null && witness.isLeaving(QEMU_ALSO_ENDS);
                // A leaving QEMU may take seconds to give back its memory.
                Duration patience = leaving ? QEMU_LEAVES : witness == null ? QEMU_ALSO_ENDS : Duration.ZERO;
                var unused = running.exit().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
                return true;
            }
        } catch (TimeoutException e) {
            // QEMU runs on
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the host's threads are being ended
            return true;
        }
        return false;
    }

    /** {@return whether the VM stands still now} One that cannot be stopped would go on with processes that hang; it fails instead. */
    private boolean freeze(String why) {
        QmpClient client = qmp;
        if (client == null) {
            return false;
        }
        frozen = Optional.of(why); // first: whoever hears of it asks
        try {
            client.execute(Stop.of(), STOP_LIMIT);
        } catch (QmpException e) {
            frozen = Optional.empty();
            return false;
        }
        System.getLogger(MicroVm.class.getName())
                .log(System.Logger.Level.WARNING, "the VM is frozen, as its share asks: {0}", why);
        phases.note(Phase.READY, "the VM is frozen: " + why);
        return true;
    }

    /** {@return the last words of the service that took the VM down, if one did} */
    List<String> lastWords() {
        return lastWords;
    }

    /** {@return that service's cure; empty where none died or none is known} */
    String hint() {
        return hint;
    }

    /** {@return why the VM is frozen; empty where it is not} */
    Optional<String> frozen() {
        return frozen;
    }
}
