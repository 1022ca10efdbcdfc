/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The floor: a VM's own {@code run.sh}, run by {@code sh}, and a client of bare sockets that does at the control port what must be done
 * until {@code true} has answered. It checks nothing, supervises nothing and reads no output.
 */
final class BareBoot implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration END_LIMIT = Duration.ofSeconds(20);

    private final ColdBootRecipe recipe;
    private final Path folder;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ServerSocketChannel control;

    private BareBoot(ColdBootRecipe recipe, Path folder) throws IOException {
        this.recipe = recipe;
        this.folder = folder;
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        give(Files.createDirectory(folder.resolve("ports")));
        give(Files.createFile(folder.resolve("console.log")));
        give(Files.writeString(
                script(), recipe.script().replace(recipe.stateFolder().toString(), folder.toString())));
        // Its queue takes QEMU's connection: a monitor that nobody reads keeps no guest from running.
        listen("qmp.sock");
        this.control = listen("control.sock");
    }

    /**
     * {@return how long it takes from the start of {@code sh run.sh} to the answer of {@code true}, in milliseconds, and its parts: to the
     * loop's first word, the mounts, the command}
     *
     * @throws IOException if QEMU or the guest does something else than in the recipe, or takes longer than two minutes
     * @throws InterruptedException if the calling thread is interrupted
     */
    static Map<String, Double> time(ColdBootRecipe recipe) throws IOException, InterruptedException {
        // Beside the state folders of the library's VMs: on the same file system.
        Path folder = recipe.stateFolder()
                .resolveSibling("bench-" + ProcessHandle.current().pid());
        try (BareBoot boot = new BareBoot(recipe, folder)) {
            return boot.run();
        }
    }

    private Map<String, Double> run() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("qemu.out").toFile());
        long begin = System.nanoTime();
        Process qemu = builder.start();
        Future<?> watchdog = CompletableFuture.runAsync(
                qemu::destroyForcibly, CompletableFuture.delayedExecutor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        // An end before its time ends the waits below.
        var unused = qemu.onExit().thenRun(this::closeChannels);
        try {
            ControlLines lines = new ControlLines(control.accept());
            open.add(lines);
            Map<String, Double> times = boot(lines, begin);
            lines.send("power 1 off");
            return times;
        } catch (IOException e) {
            throw new IOException(
                    "the bare boot failed; QEMU said: " + Files.readString(folder.resolve("qemu.out")), e);
        } finally {
            watchdog.cancel(false);
            if (!qemu.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                qemu.destroyForcibly().waitFor();
            }
        }
    }

    private Map<String, Double> boot(ControlLines lines, long begin) throws IOException {
        lines.await("microvm 1 initramfs");
        long hello = System.nanoTime();
        for (String line : recipe.mounts()) {
            lines.send(line);
            String[] words = line.split(" ", 3);
            lines.await(words[0].equals("enter") ? "microvm 1 root" : "done " + words[1] + " 0");
        }
        long mounted = System.nanoTime();
        // Without a connection on the host's side the guest's writes to its output ports would wait.
        open.add(SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("ports/p0o"))));
        open.add(SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("ports/p0e"))));
        lines.send(recipe.exec());
        lines.await("exit " + ColdBootRecipe.EXEC_ID + " 0");
        long end = System.nanoTime();
        Map<String, Double> times = new LinkedHashMap<>();
        times.put("to the control loop's first word", (hello - begin) / 1e6);
        times.put("mounts", (mounted - hello) / 1e6);
        times.put("exec", (end - mounted) / 1e6);
        times.put(ColdBootOurs.TOTAL, (end - begin) / 1e6);
        return times;
    }

    private List<String> command() throws IOException {
        List<String> command = new ArrayList<>();
        if (!recipe.runsAsCaller()) {
            command.addAll(List.of("setpriv", "--reuid=" + recipe.uid(), "--regid=" + recipe.gid(), "--clear-groups"));
        }
        command.addAll(List.of("sh", script().toString()));
        return command;
    }

    private Path script() {
        return folder.resolve("run.sh");
    }

    private ServerSocketChannel listen(String name) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(server);
        server.bind(UnixDomainSocketAddress.of(folder.resolve(name)));
        give(folder.resolve(name));
        return server;
    }

    private void give(Path file) throws IOException {
        if (!recipe.runsAsCaller()) {
            Files.setAttribute(file, "unix:uid", recipe.uid());
            Files.setAttribute(file, "unix:gid", recipe.gid());
        }
    }

    private synchronized void closeChannels() {
        for (AutoCloseable channel : open) {
            try {
                channel.close();
            } catch (Exception e) {
                throw new IllegalStateException("a socket cannot be closed", e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        closeChannels();
        dev.microvm.internal.process.FileTree.delete(folder);
    }
}
