/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.VmExit.Rung;
import dev.microvm.error.FailureReport;
import dev.microvm.error.MicroVmException;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.guest.Console;
import dev.microvm.guest.GuestShell;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.command.Quit;
import dev.microvm.qmp.command.SystemPowerdown;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A running VM: the handle by which it is used and stopped. Thread-safe. Closing it stops the VM by a ladder and releases everything; a
 * VM that ends by itself releases everything too.
 */
public final class MicroVm implements AutoCloseable {
    private static final Duration QUIT_LIMIT = Duration.ofSeconds(3);
    private static final Duration TERM_LIMIT = Duration.ofSeconds(2);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);
    /** Between QEMU's end and everything being released: services and lifeline end within seconds, or are killed. */
    private static final Duration RELEASE_LIMIT = Duration.ofSeconds(40);

    private final RunningVm parts;
    private volatile boolean endTold;

    MicroVm(RunningVm parts) {
        this.parts = parts;
    }

    /**
     * Starts a VM on a {@link VmHost} of its own, which ends with it; see {@link VmHost#start(VmSpec, LaunchOptions)} for what it throws.
     * A program that starts several VMs should make one {@link VmHost} and use that.
     *
     * @param spec what the VM is; not changed, usable again
     * @return the running VM; close it, or it ends with this JVM
     */
    public static MicroVm start(VmSpec spec) {
        return start(spec, LaunchOptions.DEFAULTS);
    }

    /**
     * Starts a VM on a {@link VmHost} of its own; see {@link #start(VmSpec)}.
     *
     * @param spec what the VM is; not changed, usable again
     * @param options how it is started: limits, QEMU's user, who listens
     * @return the running VM; close it, or it ends with this JVM
     */
    public static MicroVm start(VmSpec spec, LaunchOptions options) {
        VmHost host = VmHost.create();
        boolean started = false;
        try {
            MicroVm vm = host.start(spec, options);
            endWith(vm.parts.exited(), host, MicroVm::warn);
            started = true;
            return vm;
        } finally {
            if (!started) {
                host.close();
            }
        }
    }

    /** Nobody else hears of a release that failed where the VM ended by itself. */
    static void endWith(CompletionStage<VmExit> exited, AutoCloseable host, Consumer<Throwable> warn) {
        var unused = exited.whenComplete((exit, failure) -> {
            try {
                if (failure != null) {
                    warn.accept(failure);
                }
                host.close();
            } catch (Exception e) { // this runs for its own sake: what it throws would reach nobody
                if (failure == null) {
                    warn.accept(e);
                }
            }
        });
    }

    private static void warn(Throwable failure) {
        System.getLogger(MicroVm.class.getName())
                .log(System.Logger.Level.WARNING, "a VM ended, but not everything could be released", failure);
    }

    /** {@return the spec it was started from} */
    public VmSpec spec() {
        return parts.plan().declared();
    }

    /** {@return the folder with its sockets, console and run.sh; it goes with the VM unless it is kept} */
    public Path stateFolder() {
        return parts.plan().paths().folder();
    }

    /** {@return QEMU's process id} */
    public long pid() {
        return parts.qemu().pid();
    }

    /** {@return the QMP connection; it ends with the VM} */
    public QmpClient qmp() {
        return parts.qmp();
    }

    /**
     * {@return runs commands in the guest}
     *
     * @throws IllegalStateException if the guest has no control loop (a {@code KernelBoot} without {@code agent}); use SSH or the QEMU
     *     guest agent for such a guest, or give it the loop
     */
    public GuestShell shell() {
        return parts.shell()
                .orElseThrow(() -> new IllegalStateException("the guest of VM \"" + spec().name()
                        + "\" has no control loop: boot BootSource.hostRoot(), give its initrd the loop and say"
                        + " KernelBoot.agent(true), or reach it by SSH or the QEMU guest agent"));
    }

    /** {@return the guest's serial console, from its first byte on} */
    public Console console() {
        return parts.console();
    }

    /** {@return QEMU's command line, each argument with its reason} */
    public List<QemuArgument> commandLine() {
        return parts.commandLine();
    }

    /**
     * {@return what was chosen for this start and why, a sentence each, as {@link Preflight#choices()} and {@link VmListener#note} tell it:
     * the accelerator, the kernel, how a folder is shared, what the user should know of a share}
     */
    public List<String> choices() {
        return parts.plan().choices();
    }

    /** {@return how long each phase of the start took, in their order} */
    public Map<Phase, Duration> phaseTimes() {
        Map<Phase, Duration> times = new LinkedHashMap<>();
        parts.phases().done().forEach(timed -> times.put(timed.phase(), timed.elapsed()));
        return times;
    }

    /**
     * {@return the port on which the host listens for a forward; the one QEMU was given where the forward says 0}
     *
     * @param forward equal to one of the spec's; one from guest to host gives its own port
     * @throws IllegalArgumentException if the VM has no such forward
     */
    public int hostPort(PortForward forward) {
        Integer port = parts.hostPorts().get(forward);
        if (port == null) {
            throw new IllegalArgumentException("VM \"" + spec().name() + "\" has no forward " + forward);
        }
        return port;
    }

    /**
     * {@return a stage that completes when the VM has ended, for whatever reason, and everything it used is released; what is attached
     * runs on a thread of the library and must not block}
     */
    public CompletionStage<VmExit> onExit() {
        return parts.exited().minimalCompletionStage();
    }

    /** {@return whether QEMU runs} */
    public boolean isRunning() {
        return parts.qemu().isAlive();
    }

    /**
     * {@return why the VM stands still, where a share said {@code DaemonDeath.FREEZE_VM} and its virtiofsd died; empty otherwise} Such a VM
     * answers QMP and nothing else.
     */
    public Optional<String> frozen() {
        return parts.frozen();
    }

    /**
     * Stops the VM: asks the guest's control loop, then its power button, then tells QEMU to quit, then SIGTERM, then SIGKILL; each only
     * when the one before has not ended it. A frozen guest ({@link #frozen}) is not asked.
     *
     * @param limit how long the guest may take on the first two rungs together; the harsher ones take 10 s at most
     * @return how it ended, after everything is released
     * @throws VmCancelledException if the calling thread is interrupted; the VM may still run, {@link #close()} it
     * @throws VmTimeoutException if QEMU outlived even SIGKILL
     * @throws MicroVmException if the VM ended but not everything it used could be released; its cause says what
     */
    public VmExit shutdown(Duration limit) {
        return climb(gentleLadder(limit));
    }

    /**
     * Ends the VM at once with SIGKILL, as a power cut does; what it throws is as for {@link #shutdown}.
     *
     * @return how it ended, after everything is released
     */
    public VmExit kill() {
        return climb(new StopLadder()
                .add(Rung.SIGKILL, KILL_LIMIT, () -> parts.qemu().stop(Duration.ZERO)));
    }

    /**
     * Stops the VM as {@link #shutdown} does, within the limit of its options. If it has ended, however that came about, it only throws
     * what its release did, and a later call does nothing. An interrupt does not cut it short; the flag is set again.
     *
     * @throws VmTimeoutException if QEMU outlived even SIGKILL, or what it used was not released in time; a later call tries again
     * @throws MicroVmException if the VM ended but not everything it used could be released; its cause says what
     */
    @Override
    public void close() {
        try {
            stop();
        } finally {
            endTold = parts.exited().isDone();
        }
    }

    /** As {@link #close()}, which may throw once more what this does. */
    void stop() {
        if (endTold) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            VmExit unused = shutdown(parts.options().stopLimit());
        } catch (VmCancelledException e) {
            interrupted = Thread.interrupted() || interrupted;
            VmExit unused = kill();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String toString() {
        return "MicroVm[" + spec().name() + ", " + (isRunning() ? "running, pid " + pid() : "ended") + "]";
    }

    private StopLadder gentleLadder(Duration limit) {
        StopLadder ladder = new StopLadder();
        if (parts.frozen().isPresent()) {
            return harshRungs(ladder);
        }
        Duration half = limit.dividedBy(2);
        parts.control().ifPresent(control -> ladder.add(Rung.GUEST_COMMAND, half, () -> control.powerOff(half)));
        ladder.add(
                Rung.POWER_BUTTON,
                parts.control().isPresent() ? half : limit,
                () -> parts.qmp().execute(SystemPowerdown.of(), QUIT_LIMIT));
        return harshRungs(ladder);
    }

    private StopLadder harshRungs(StopLadder ladder) {
        ladder.add(Rung.QMP_QUIT, QUIT_LIMIT, () -> parts.qmp().execute(Quit.of(), QUIT_LIMIT));
        // SupervisedProcess.stop sends SIGTERM and, after the grace, SIGKILL: the two rungs are told apart by the exit
        // code.
        ladder.add(Rung.SIGTERM, TERM_LIMIT.plus(KILL_LIMIT), () -> parts.qemu().stop(TERM_LIMIT));
        ladder.add(Rung.SIGKILL, KILL_LIMIT, () -> parts.qemu().stop(Duration.ZERO));
        return ladder;
    }

    private VmExit climb(StopLadder ladder) {
        long begin = System.nanoTime();
        Optional<Rung> rung;
        try {
            rung = ladder.climb(parts::awaitQemuEnd, parts::tryingToStop);
            if (rung.isPresent()) {
                return parts.exited().get(RELEASE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VmCancelledException(
                    "interrupted while stopping VM \"" + spec().name() + "\"", stopReport(begin, "still stopping"), e);
        } catch (ExecutionException e) {
            throw new MicroVmException(
                    "VM \"" + spec().name() + "\" ended, but not everything could be released",
                    stopReport(begin, String.valueOf(e.getCause())),
                    e.getCause());
        } catch (TimeoutException e) {
            throw new VmTimeoutException(
                    "VM \"" + spec().name() + "\" ended, but its services and state folder were not released in "
                            + RELEASE_LIMIT.toSeconds() + " s",
                    stopReport(begin, "QEMU has ended"),
                    e);
        }
        throw new VmTimeoutException(
                "QEMU of VM \"" + spec().name() + "\" outlived SIGKILL (pid " + pid() + ")",
                stopReport(begin, "every rung was tried; a process in uninterruptible sleep ends when its I/O does"),
                null);
    }

    private FailureReport stopReport(long begin, String observation) {
        return parts.report(
                "stop VM \"" + spec().name() + "\"",
                Phase.STOPPING,
                Duration.ofNanos(System.nanoTime() - begin),
                observation,
                "");
    }

    CompletableFuture<VmExit> exited() {
        return parts.exited();
    }
}
