/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.guest.Console;
import dev.microvm.guest.GuestShell;
import dev.microvm.internal.guest.GuestControl;
import dev.microvm.internal.guest.VmQuotes;
import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.life.StateRoot;
import dev.microvm.internal.life.UndoStack;
import dev.microvm.internal.life.UnixOwner;
import dev.microvm.internal.process.Lifeline;
import dev.microvm.internal.process.LifelineOptions;
import dev.microvm.internal.process.SpawnRequest;
import dev.microvm.internal.qemu.CommandLine;
import dev.microvm.internal.qemu.RuntimePaths;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpListener;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.TransportKind;
import dev.microvm.spec.PortForward;
import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What a start has brought about so far, phase by phase; what each phase made is there for the next ones. */
final class LaunchState {
    static final int TAIL_LINES = 25;
    static final String QEMU_ENDED = "QEMU ended";
    private static final Duration EXIT_CODE_FOLLOWS = Duration.ofMillis(200);

    private final VmHost host;
    private final LaunchPlan plan;
    private final LaunchOptions options;
    private final Phases phases;
    private final UndoStack undo;
    private final RuntimePaths paths;
    private final CompletableFuture<String> gone = new CompletableFuture<>();

    private final ServiceDeaths deaths;
    private @Nullable Lifeline lifeline;
    private @Nullable CommandLine command;
    private @Nullable QmpListener qmpListener;
    private @Nullable SupervisedProcess qemu;
    private @Nullable QmpClient qmp;
    private @Nullable ShutdownWitness shutdowns;
    private @Nullable Console console;
    private @Nullable GuestControl control;
    private MountPlan mounts = new MountPlan(List.of());
    private Map<PortForward, Integer> hostPorts = Map.of();
    private long spawned;
    private String lastObservation = "nothing yet";

    LaunchState(VmHost host, LaunchPlan plan, LaunchOptions options, Phases phases, UndoStack undo) {
        this.host = host;
        this.plan = plan;
        this.options = options;
        this.phases = phases;
        this.undo = undo;
        this.paths = plan.paths();
        this.deaths = new ServiceDeaths(gone, phases);
    }

    void prepare() throws IOException, InterruptedException {
        host.stateRoot().create(host.uid());
        host.stateRoot().sweep();
        lifeline = undo.push(
                "lifeline",
                Lifeline.start(LifelineOptions.of(plan.spec().name(), paths.folder())
                        .withBaseEnvironment(host.environment())));
        plan.context().lifeline(lifeline);
        var unused = lifeline.onExit().thenAccept(code -> gone.complete("the lifeline ended with exit code " + code));
        StateRoot.writeOwner(paths.folder(), ProcessHandle.current().pid(), lifeline.pid());
        Files.createDirectory(paths.portsFolder());
        if (options.keepStateFolder() == LaunchOptions.Keep.ALWAYS) {
            keep(lifeline);
        }
        LaunchStorage.make(plan, host);
        command = plan.render(BootImages.prepare(plan, host.probe()));
        Path script = Files.writeString(paths.folder().resolve("run.sh"), command.runScript());
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        openToQemu();
    }

    /** Lets an unprivileged QEMU through, and into nothing but what it must write. */
    private void openToQemu() throws IOException {
        Files.createFile(paths.consoleLog());
        if (plan.runAs().isPresent()) {
            RunAs user = plan.runAs().get();
            UnixOwner.give(paths.portsFolder(), user.uid(), user.gid());
            UnixOwner.give(paths.consoleLog(), user.uid(), user.gid());
        }
    }

    void spawnQemu() throws IOException, InterruptedException {
        qmpListener = undo.push(
                "QMP listener",
                QmpListener.bind(
                        paths.qmpSocket(),
                        QmpOptions.builder()
                                .name(plan.spec().name())
                                // junixsocket would take 120 ms to load, during which no QEMU runs yet.
                                .transport(TransportKind.JDK)
                                .build()));
        give(paths.qmpSocket());
        console = undo.push(
                "console",
                Console.follow(
                        paths.consoleLog(), host.threads(), gone, options.maxConsoleLogBytes(), this::completed));
        if (plan.hasAgent()) {
            control = undo.push(
                    "guest control",
                    GuestControl.listen(paths.controlSocket(), paths::portSocket, host.threads(), gone, console));
            give(paths.controlSocket());
        }
        if (plan.runAs().isPresent()) {
            // Only now, when every socket is there and QEMU's alone: before, another user could have been the first to
            // connect.
            Files.setPosixFilePermissions(paths.folder(), PosixFilePermissions.fromString("rwx--x--x"));
        }
        spawned = System.nanoTime();
        SpawnRequest request = SpawnRequest.of("qemu", commandLine().launch());
        if (plan.runAs().isPresent()) {
            RunAs user = plan.runAs().get();
            request = request.as(new SpawnRequest.RunAs(user.uid(), user.gid(), user.groups()));
        }
        qemu = lifeline().spawn(request);
        SupervisedProcess started = qemu;
        deaths.qemuRuns(qemu);
        // Services end after QEMU, also where the start fails.
        undo.push("QEMU", () -> started.stop(Duration.ofSeconds(2)));
        var unused = qemu.exit().thenAccept(code -> gone.complete(QEMU_ENDED + " with exit code " + code));
        lastObservation = "QEMU runs as pid " + qemu.pid();
    }

    private void give(Path socket) throws IOException {
        if (plan.runAs().isPresent()) {
            UnixOwner.give(socket, plan.runAs().get().uid(), plan.runAs().get().gid());
        }
    }

    void awaitQmp() throws IOException {
        qmp = undo.push("QMP", java.util.Objects.requireNonNull(qmpListener).accept(options.hostLimit(), gone));
        requireQemu(qmp.peerPid());
        shutdowns = undo.push("SHUTDOWN events", new ShutdownWitness(qmp));
        deaths.qmpAnswers(qmp, shutdowns);
        lastObservation = "QEMU " + qmp.greeting().version() + " has answered on its QMP socket";
    }

    void awaitKernel() throws InterruptedException, TimeoutException {
        // Here, where there is time: QEMU starts, and later the guest would wait for it.
        mounts = MountPlan.of(plan.spec());
        Duration limit = plan.scaled(options.kernelLimit());
        if (!console().awaitFirstByte(limit, gone)) {
            throw new TimeoutException("the kernel wrote nothing to its console within " + limit.toMillis() + " ms");
        }
        lastObservation = "the kernel writes to its console";
    }

    void awaitAgent() throws IOException, InterruptedException, TimeoutException {
        Duration limit = plan.scaled(options.agentLimit());
        String stage = requireControl().awaitHello(limit);
        lastObservation = "the guest's control loop has answered from its " + stage;
    }

    void mount() throws IOException, InterruptedException, TimeoutException {
        long end = System.nanoTime() + plan.scaled(options.mountLimit()).toNanos();
        for (MountPlan.Step step : mounts.steps()) {
            requireControl().runStep(step, Duration.ofNanos(end - System.nanoTime()));
            lastObservation = "mounted: " + step.name();
        }
    }

    void findHostPorts() throws IOException {
        hostPorts = HostPorts.of(plan.spec(), qmp());
        hostPorts.forEach((forward, port) -> {
            if (forward.hostPort() != port) {
                phases.note(
                        "guest port " + forward.guestPort() + " is reached as " + forward.hostAddress() + ":" + port);
            }
        });
    }

    /**
     * {@return why the VM went; empty if it has not}
     *
     * @param connectionLost whether a connection to QEMU broke, which is how its end shows first; its exit code follows
     */
    String whyGone(boolean connectionLost) {
        boolean interrupted = Thread.interrupted();
        try {
            return gone.get(connectionLost && qemu != null ? EXIT_CODE_FOLLOWS.toMillis() : 0, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return "";
        } catch (InterruptedException e) {
            interrupted = true;
            return "";
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whoever else connects to our socket must not be taken for QEMU. */
    private void requireQemu(OptionalLong peer) throws IOException {
        if (peer.isPresent() && peer.getAsLong() != qemu().pid()) {
            throw new IOException("process " + peer.getAsLong() + " connected to " + paths.qmpSocket()
                    + ", not QEMU, which is " + qemu().pid());
        }
    }

    void keepWhatIsToBeKept() throws IOException {
        if (lifeline != null && options.keepStateFolder() == LaunchOptions.Keep.ON_FAILURE) {
            keep(lifeline);
        }
    }

    private void keep(Lifeline owner) throws IOException {
        StateRoot.markKept(paths.folder()); // or the next start would sweep it away
        owner.keepStateFolder();
    }

    FailureReport report(String attempted, Duration elapsed, String observation, List<String> stderr, String hint) {
        return new FailureReport(
                attempted,
                phases.current(),
                elapsed,
                phases.sincePhaseBegan(),
                observation,
                console == null ? List.of() : console.tail(TAIL_LINES),
                stderr.isEmpty() ? stderr() : stderr,
                command == null ? List.of() : command.command(),
                hint);
    }

    private FailureReport completed(FailureReport bare) {
        return new FailureReport(
                bare.attempted(),
                bare.phase(),
                bare.elapsed(),
                bare.phaseElapsed(),
                bare.lastObservation(),
                bare.consoleTail(),
                stderr(),
                command == null ? List.of() : command.command(),
                bare.hint().isEmpty() ? deaths.hint() : bare.hint());
    }

    /** {@return the last words of a service that took the VM down, if one did, and QEMU's} */
    List<String> stderr() {
        List<String> all = new ArrayList<>(deaths.lastWords());
        all.addAll(qemuStderr());
        return all;
    }

    private List<String> qemuStderr() {
        return qemu == null ? List.of() : qemu.stderrTail();
    }

    /** {@return the reason of an end in the guest's own words where it panicked} */
    String whyItEnded(String reason) {
        if (console != null && console.panicked()) {
            return "the guest's kernel panicked (" + reason + ")";
        }
        return reason;
    }

    String hintFor(String reason) {
        if (console != null && console.panicked()) {
            return "the console's last lines name the cause; the kernel was told to reboot on a panic, which ends QEMU";
        }
        return reason.startsWith(QEMU_ENDED) ? LaunchStorage.hintFor(stderr()) : deaths.hint();
    }

    String hintForTimeout(Phase phase) {
        return switch (phase) {
            case KERNEL ->
                "a kernel that writes nothing hangs in its first steps: is it for this architecture, and is the"
                        + " console ttyS0 (ttyAMA0 on aarch64)?";
            case AGENT ->
                "the kernel runs, but the control loop does not answer: the console's last lines show how far it came;"
                        + " a guest on a loaded host may need a longer agentLimit";
            case MOUNTS -> "a mount that hangs has a server that does not answer";
            default -> "";
        };
    }

    ServiceDeaths deaths() {
        return deaths;
    }

    CompletableFuture<String> gone() {
        return gone;
    }

    String lastObservation() {
        return lastObservation;
    }

    long spawned() {
        return spawned;
    }

    SupervisedProcess qemu() {
        return java.util.Objects.requireNonNull(qemu);
    }

    QmpClient qmp() {
        return java.util.Objects.requireNonNull(qmp);
    }

    ShutdownWitness shutdowns() {
        return java.util.Objects.requireNonNull(shutdowns);
    }

    Console console() {
        return java.util.Objects.requireNonNull(console);
    }

    Optional<GuestControl> control() {
        return Optional.ofNullable(control);
    }

    Optional<GuestShell> shell() {
        return control()
                .map(loop -> loop.shell(
                        new VmQuotes(deaths::lastWords, deaths::hint, this::qemuStderr, commandLine()::command, gone)));
    }

    Map<PortForward, Integer> hostPorts() {
        return hostPorts;
    }

    List<QemuArgument> arguments() {
        return LaunchPlan.publicArguments(commandLine());
    }

    private GuestControl requireControl() {
        return java.util.Objects.requireNonNull(control);
    }

    private CommandLine commandLine() {
        return java.util.Objects.requireNonNull(command);
    }

    private Lifeline lifeline() {
        return java.util.Objects.requireNonNull(lifeline);
    }
}
