/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.VmExit.Rung;
import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.guest.Console;
import dev.microvm.guest.GuestShell;
import dev.microvm.internal.guest.GuestControl;
import dev.microvm.internal.life.UndoStack;
import dev.microvm.qmp.QmpClient;
import dev.microvm.spec.PortForward;
import dev.microvm.spi.SupervisedProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The parts of a running VM, and what happens when it ends: the reason is kept, everything is undone, whoever waits is told. */
final class RunningVm {
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final LaunchPlan plan;
    private final LaunchOptions options;
    private final Phases phases;
    private final UndoStack undo;
    private final SupervisedProcess qemu;
    private final Supplier<List<String>> stderr;
    private final Supplier<Optional<String>> frozen;
    private final QmpClient qmp;
    private final ShutdownWitness shutdowns;
    private final Optional<GuestControl> control;
    private final Optional<GuestShell> shell;
    private final Console console;
    private final List<QemuArgument> commandLine;
    private final Map<PortForward, Integer> hostPorts;
    private final CompletableFuture<String> gone;
    private final long spawned;
    private volatile Rung rung = Rung.BY_ITSELF;
    private final CompletableFuture<VmExit> exited = new CompletableFuture<>();

    RunningVm(LaunchState state, LaunchPlan plan, LaunchOptions options, Phases phases, UndoStack undo) {
        this.plan = plan;
        this.options = options;
        this.phases = phases;
        this.undo = undo;
        this.qemu = state.qemu();
        this.stderr = state::stderr;
        this.frozen = state.deaths()::frozen;
        this.qmp = state.qmp();
        this.shutdowns = state.shutdowns();
        this.control = state.control();
        this.shell = state.shell();
        this.console = state.console();
        this.commandLine = state.arguments();
        this.hostPorts = state.hostPorts();
        this.gone = state.gone();
        this.spawned = state.spawned();
    }

    /** From now on the VM's end releases everything. */
    void watch(ExecutorService threads) {
        var unusedFailing = gone.thenAcceptAsync(
                reason -> {
                    if (qemu.isAlive()) {
                        // A service the guest depends on has died: its processes hang for ever in I/O, so the VM has
                        // failed.
                        qemu.stop(Duration.ZERO);
                    }
                },
                threads);
        var unusedEnding = qemu.exit().whenCompleteAsync((code, failure) -> release(code == null ? -1 : code), threads);
    }

    private void release(int code) {
        // This thread may be ahead of the one that tells so, and what follows ends every wait: each is to name the
        // reason.
        gone.complete(LaunchState.QEMU_ENDED + " with exit code " + code);
        VmExit exit = new VmExit(endingRung(code), code, reason(code), Duration.ofNanos(System.nanoTime() - spawned));
        try {
            undo.close();
        } catch (RuntimeException e) {
            phases.exited(exit);
            exited.completeExceptionally(e);
            return;
        }
        // The listener first: whoever waits for the exit may go on to close the host or start the next VM.
        phases.exited(exit);
        exited.complete(exit);
    }

    private Rung endingRung(int code) {
        Rung last = rung;
        return last == Rung.SIGTERM && code == 128 + 9 ? Rung.SIGKILL : last;
    }

    private String reason(int code) {
        String died = gone.isDone() ? gone.join() : "";
        if (!died.isEmpty() && !died.startsWith(LaunchState.QEMU_ENDED)) {
            return died;
        }
        // Where QEMU ended in order it has said why, though its word may still be under way.
        return shutdowns
                .seen(code == 0 ? LAST_WORDS : Duration.ZERO)
                .map(data -> data.reason().value())
                .orElse(code == 0 ? "exit" : "exit code " + code);
    }

    boolean awaitQemuEnd(Duration limit) throws InterruptedException {
        try {
            var unused = qemu.exit().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
    }

    void tryingToStop(Rung next, Duration limit) {
        rung = next;
        phases.note(Phase.STOPPING, "trying " + next + " for up to " + limit.toMillis() + " ms");
    }

    FailureReport report(String attempted, Phase phase, Duration elapsed, String observation, String hint) {
        return new FailureReport(
                attempted,
                phase,
                elapsed,
                observation,
                console.tail(LaunchState.TAIL_LINES),
                stderr.get(),
                commandLine.stream().map(QemuArgument::text).toList(),
                hint);
    }

    LaunchPlan plan() {
        return plan;
    }

    LaunchOptions options() {
        return options;
    }

    Phases phases() {
        return phases;
    }

    SupervisedProcess qemu() {
        return qemu;
    }

    QmpClient qmp() {
        return qmp;
    }

    Optional<GuestControl> control() {
        return control;
    }

    Optional<GuestShell> shell() {
        return shell;
    }

    Optional<String> frozen() {
        return frozen.get();
    }

    Console console() {
        return console;
    }

    List<QemuArgument> commandLine() {
        return commandLine;
    }

    Map<PortForward, Integer> hostPorts() {
        return hostPorts;
    }

    CompletableFuture<VmExit> exited() {
        return exited;
    }
}
