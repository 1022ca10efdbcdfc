/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.MicroVmException;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmStartException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.internal.guest.StepFailedException;
import dev.microvm.internal.life.UndoStack;
import dev.microvm.qmp.QmpCancelledException;
import dev.microvm.qmp.QmpException;
import dev.microvm.spi.HostService;
import dev.microvm.spi.ServiceFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Takes a plan through the phases to a running VM. Each step pushes its undo; whatever fails, everything is undone in reverse order
 * before the one exception that tells it all is thrown. This is the only place where failures of the parts become public ones.
 */
final class StartSequence {
    /** One phase's work. */
    private interface Work {
        void run() throws IOException, InterruptedException, TimeoutException;
    }

    private final VmHost host;
    private final LaunchPlan plan;
    private final LaunchOptions options;
    private final Phases phases;
    private final UndoStack undo = new UndoStack();
    private final LaunchState state;

    StartSequence(VmHost host, LaunchPlan plan, LaunchOptions options, Phases phases) {
        this.host = host;
        this.plan = plan;
        this.options = options;
        this.phases = phases;
        this.state = new LaunchState(host, plan, options, phases, undo);
    }

    MicroVm run() {
        boolean done = false;
        try {
            phase(Phase.PREPARE, state::prepare);
            phase(Phase.SERVICES, this::startServices);
            phase(Phase.SPAWN, this::spawn);
            phase(Phase.QMP, state::awaitQmp);
            phase(Phase.KERNEL, state::awaitKernel);
            if (plan.hasAgent()) {
                phase(Phase.AGENT, state::awaitAgent);
                phase(Phase.MOUNTS, state::mount);
            }
            phase(Phase.READY, this::makeReady);
            RunningVm running = new RunningVm(state, plan, options, phases, undo);
            running.watch(host.threads());
            state.deaths().vmIsReady();
            done = true;
            return new MicroVm(running);
        } catch (InterruptedException e) {
            throw failure(e);
        } catch (IOException | TimeoutException | RuntimeException e) {
            throw failure(e);
        } finally {
            if (!done) {
                undoEverything();
            }
        }
    }

    private void phase(Phase phase, Work work) throws IOException, InterruptedException, TimeoutException {
        phases.begin(phase);
        work.run();
        phases.complete();
    }

    private void startServices() throws InterruptedException {
        for (HostService service : plan.services()) {
            undo.push(service.name(), service);
            service.start(options.hostLimit());
            var unused = service.died().thenAcceptAsync(reason -> state.deaths().died(service, reason), host.threads());
        }
    }

    private void spawn() throws IOException, InterruptedException {
        for (HostService service : plan.services()) {
            service.beforeQemu(options.hostLimit());
        }
        state.spawnQemu();
    }

    private void makeReady() throws IOException {
        state.findHostPorts();
        state.shell().ifPresent(shell -> {
            for (HostService service : plan.services()) {
                service.guestMounted(shell, plan.scaled(options.mountLimit()));
            }
        });
    }

    private void undoEverything() {
        boolean interrupted = Thread.interrupted(); // the undo itself must not be cut short
        try {
            keep();
            undo.close();
        } catch (RuntimeException e) {
            System.getLogger(MicroVm.class.getName())
                    .log(System.Logger.Level.WARNING, "not everything could be undone after a failed start", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void keep() {
        try {
            state.keepWhatIsToBeKept();
        } catch (IOException e) {
            System.getLogger(MicroVm.class.getName())
                    .log(System.Logger.Level.WARNING, "the state folder of a failed start cannot be kept", e);
        }
    }

    private MicroVmException failure(Exception cause) {
        Phase phase = phases.current();
        String name = "VM \"" + plan.declared().name() + "\"";
        if (cause instanceof InterruptedException || cause instanceof QmpCancelledException) {
            Thread.currentThread().interrupt();
            return new VmCancelledException(
                    "the start of " + name + " was interrupted in phase " + phase,
                    report("interrupted", List.of(), ""),
                    cause);
        }
        if (cause instanceof VmCancelledException cancelled) {
            return cancelled;
        }
        if (cause instanceof StepFailedException failed) {
            return new VmStartException(
                    name + ": the guest failed at: " + failed.step() + ": " + String.join("; ", failed.output()),
                    report("it ended with exit code " + failed.exitCode(), List.of(), ""),
                    cause);
        }
        String gone = state.whyGone(cause instanceof IOException || cause instanceof QmpException);
        if (!gone.isEmpty()) {
            return new VmExitedException(
                    name + " ended in phase " + phase + ": " + state.whyItEnded(gone),
                    report(gone, List.of(), state.hintFor(gone)),
                    cause);
        }
        if (cause instanceof TimeoutException) {
            return new VmTimeoutException(
                    name + ": " + cause.getMessage(),
                    report(state.lastObservation(), List.of(), state.hintForTimeout(phase)),
                    cause);
        }
        if (cause instanceof ServiceFailedException failed) {
            return new VmStartException(
                    name + ": " + cause.getMessage(),
                    report("the service did not come up", failed.stderrTail(), failed.hint()),
                    cause);
        }
        if (cause instanceof MicroVmException complete) {
            return complete;
        }
        String what = cause instanceof QmpException
                ? "QMP failed"
                : cause instanceof UncheckedIOException ? "I/O failed" : "failed";
        return new VmStartException(
                name + " did not start: " + what + " in phase " + phase + ": " + cause,
                report(state.lastObservation(), List.of(), ""),
                cause);
    }

    private dev.microvm.error.FailureReport report(String observation, List<String> stderr, @Nullable String hint) {
        return state.report(
                "start VM \"" + plan.declared().name() + "\"",
                phases.sinceCreation(),
                observation,
                stderr,
                hint == null ? "" : hint);
    }

    static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
