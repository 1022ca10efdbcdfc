/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.guest.Console;
import dev.microvm.guest.GuestShell;
import dev.microvm.internal.host.Finding;
import dev.microvm.internal.host.HostFacts;
import dev.microvm.internal.host.HostProbe;
import dev.microvm.internal.host.KernelImage;
import dev.microvm.internal.host.StaticBusybox;
import dev.microvm.internal.image.GuestModules;
import dev.microvm.internal.image.Initramfs;
import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.qemu.BootFiles;
import dev.microvm.internal.qemu.CommandLine;
import dev.microvm.internal.qemu.PortStream;
import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.internal.qemu.RuntimePaths;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpListener;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.command.SystemPowerdown;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assumptions;

/** A real guest, started with the real command line but without the live side of the library. */
final class BootedGuest implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(120);

    private static final long BEGIN = System.nanoTime();

    private final Path folder;
    private final ExecutorService threads;
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private final Console console;
    private final GuestControl control;
    private final QmpListener monitor;
    private final Process qemu;
    private final long spawned = System.nanoTime();

    private BootedGuest(Path folder, CommandLine command, RuntimePaths paths) throws IOException {
        this.folder = folder;
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "microvm-test");
            thread.setDaemon(true);
            return thread;
        });
        this.console = Console.follow(paths.consoleLog(), threads, gone);
        this.control = GuestControl.listen(paths.controlSocket(), paths::portSocket, threads, gone, console);
        this.monitor = QmpListener.bind(
                paths.qmpSocket(), QmpOptions.builder().name("test").build());
        this.qemu = new ProcessBuilder(mortal(command.command()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(folder.resolve("qemu.stderr").toFile())
                .start();
        var unused = qemu.onExit().thenAccept(end -> gone.complete("QEMU ended with exit code " + end.exitValue()));
    }

    /**
     * {@return the command, killed where its standard input ends: with this JVM, however that ends} The shell becomes the command, so the
     * process is the one that was started; the watcher keeps the input.
     */
    private static List<String> mortal(List<String> command) {
        List<String> words = new ArrayList<>(List.of(
                "sh", "-c", "{ cat > /dev/null; kill -9 $$; } <&3 3<&- & exec 3<&- \"$@\" < /dev/null", "mortal"));
        words.set(2, "exec 3<&0; " + words.get(2));
        words.addAll(command);
        return words;
    }

    /** Starts a guest in a folder whose path is short enough for sockets; it waits for nothing. */
    static BootedGuest spawn(VmSpec spec, Path folder) throws IOException, InterruptedException {
        return spawn(spec, folder, Optional.empty());
    }

    /** The same with an initramfs of the test's own. */
    static BootedGuest spawn(VmSpec spec, Path folder, Optional<Path> own) throws IOException, InterruptedException {
        HostProbe probe = new HostProbe(System.getenv());
        HostFacts facts = needed(probe.facts(spec, QemuCommandLine.machineOf(spec)));
        Path busybox = needed(StaticBusybox.find(System.getenv()));
        KernelImage kernel = needed(probe.kernels().find(spec.architecture(), GuestModules.of(spec)));
        Path initramfs =
                own.isPresent() ? own.get() : Initramfs.cached(probe.cache(), kernel, probe.zstd(), busybox, spec);
        RuntimePaths paths = RuntimePaths.in(folder);
        Files.createDirectories(paths.portSocket(0, PortStream.IN).getParent());
        BootFiles boot = new BootFiles(probe.uncompressed().of(kernel), Optional.of(initramfs), List.of());
        return new BootedGuest(folder, QemuCommandLine.render(spec, facts, boot, paths), paths);
    }

    /** Starts a guest and waits until everything is mounted. */
    static BootedGuest ready(VmSpec spec, Path folder) throws IOException, InterruptedException, TimeoutException {
        BootedGuest guest = spawn(spec, folder);
        boolean done = false;
        try {
            guest.control.awaitHello(LIMIT);
            say("AGENT after " + guest.sinceSpawn());
            guest.mount(spec);
            say("mounted after " + guest.sinceSpawn());
            done = true;
            return guest;
        } finally {
            if (!done) {
                say(guest.console.text());
                guest.close();
            }
        }
    }

    void mount(VmSpec spec) throws IOException, InterruptedException, TimeoutException {
        for (MountPlan.Step step : MountPlan.of(spec).steps()) {
            long begin = System.nanoTime();
            control.runStep(step, LIMIT);
            say(step.name() + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms");
        }
    }

    private static <T> T needed(Finding<T> finding) {
        if (Boolean.getBoolean("microvm.it.required")) {
            assertThat(finding.problems()).isEmpty();
        }
        Assumptions.assumeTrue(finding.value().isPresent(), finding.toString());
        return finding.value().orElseThrow();
    }

    /** Measured figures, for the log of the test run. */
    static void say(String text) {
        System.out.println("[" + (System.nanoTime() - BEGIN) / 1_000_000 + " ms] " + text);
    }

    String sinceSpawn() {
        return (System.nanoTime() - spawned) / 1_000_000 + " ms";
    }

    GuestControl control() {
        return control;
    }

    GuestShell shell() {
        return control.shell();
    }

    Console console() {
        return console;
    }

    Process qemu() {
        return qemu;
    }

    void pressPowerButton() {
        try (QmpClient client = monitor.accept(LIMIT, gone)) {
            client.execute(SystemPowerdown.of(), LIMIT);
        }
    }

    boolean awaitQemuEnd(Duration limit) throws InterruptedException {
        return qemu.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    String stderr() throws IOException {
        return Files.readString(folder.resolve("qemu.stderr"));
    }

    @Override
    public void close() {
        qemu.destroyForcibly().onExit().join();
        control.close();
        console.close();
        monitor.close();
        threads.shutdownNow();
        try {
            assertThat(threads.awaitTermination(5, TimeUnit.SECONDS))
                    .as("threads have ended")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
