/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.VirtiofsShare;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The golden files, word for word, against the real QEMU: it must accept each, greet on QMP and quit. Where a case needs a device that
 * the host lacks, QEMU may fail at opening that very device and at nothing else, and must accept all else without it.
 */
final class GoldenCommandLinesIT {
    private static final int LIMIT_SECONDS = 60;

    private final Deque<AutoCloseable> undo = new ArrayDeque<>();

    /** How a QEMU ended, all it said, and its greeting, if it came to that. */
    private record Run(int exitCode, String said, String greeting) {}

    static List<GoldenCase> cases() {
        return GoldenCase.all();
    }

    static List<GoldenCase> casesWithADeviceOfTheHost() {
        return GoldenCase.all().stream()
                .filter(golden -> MissingDevice.of(golden).isPresent())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void realQemuAcceptsTheGoldenCommandLine(GoldenCase golden, @TempDir Path folder) throws Exception {
        Run run = run(golden, GoldenFile.read(golden.name()), folder);

        if (run.exitCode() == 0 || MissingDevice.of(golden).isEmpty()) {
            assertAccepted(run);
        } else {
            assertThat(run.said()).matches(MissingDevice.of(golden).get().refusal());
        }
    }

    /** QEMU stops at the first device that it cannot open; what stands behind it is only seen without. */
    @ParameterizedTest
    @MethodSource("casesWithADeviceOfTheHost")
    void realQemuAcceptsAllOtherArgumentsWhereTheHostLacksTheDevice(GoldenCase golden, @TempDir Path folder)
            throws Exception {
        MissingDevice device = MissingDevice.of(golden).orElseThrow();

        assertAccepted(run(golden, device.replacedIn(GoldenFile.read(golden.name())), folder));
    }

    private static void assertAccepted(Run run) {
        assertThat(run.exitCode()).as(run.said()).isZero();
        assertThat(run.greeting()).contains("\"QMP\"");
        assertThat(run.said()).as("warnings").isEmpty();
    }

    private Run run(GoldenCase golden, List<String> arguments, Path folder) throws Exception {
        Path qemu = Tools.require("qemu-system-" + golden.spec().architecture().qemuName());
        GoldenFiles files = new GoldenFiles(folder);
        files.create(golden);
        RuntimePaths paths = RuntimePaths.in(files.real(golden.run()));
        Files.createDirectories(paths.portsFolder());
        startVirtiofsds(golden, files, paths);
        ServerSocketChannel monitor = listen(paths.qmpSocket());
        if (QemuCommandLine.hasGuestControl(golden.spec())) {
            listen(paths.controlSocket());
        }
        List<String> command = new ArrayList<>();
        command.add(qemu.toString());
        command.addAll(files.fill(arguments));
        command.add("-S");

        Path output = folder.resolve("output");
        Process process = start(command, output);
        CompletableFuture<String> greeting = CompletableFuture.supplyAsync(() -> greetAndQuit(monitor));
        CompletableFuture.anyOf(greeting, process.onExit()).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("QEMU ends")
                .isTrue();
        if (process.exitValue() != 0) {
            monitor.close(); // nobody will come, and the thread that accepts is told so
        }
        // The end of QEMU may be seen before the end of what it wrote.
        return new Run(
                process.exitValue(), Files.readString(output, UTF_8), greeting.get(LIMIT_SECONDS, TimeUnit.SECONDS));
    }

    private void startVirtiofsds(GoldenCase golden, GoldenFiles files, RuntimePaths paths) throws Exception {
        int index = 0;
        for (VirtiofsShare share : VirtiofsDevices.of(golden.spec())) {
            Path virtiofsd = Tools.require(
                    "virtiofsd",
                    Tools.cacheFolder().resolve("bin"),
                    Path.of("/usr/libexec"),
                    Path.of("/usr/lib/virtiofsd"));
            Process daemon = new ProcessBuilder(
                            virtiofsd.toString(),
                            "--socket-path=" + paths.shareSocket(index++),
                            "--shared-dir=" + files.real(share.source()),
                            "--sandbox=none")
                    .redirectErrorStream(true)
                    .start();
            undo.push(() -> end(daemon));
            BufferedReader lines = daemon.inputReader(UTF_8);
            CompletableFuture.supplyAsync(() -> lines.lines()
                            .filter(line -> line.contains("Waiting for vhost-user socket connection"))
                            .findFirst()
                            .orElse("virtiofsd ended"))
                    .thenAccept(line -> assertThat(line).contains("Waiting"))
                    .get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private ServerSocketChannel listen(Path socket) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        undo.push(server);
        return server.bind(UnixDomainSocketAddress.of(socket));
    }

    private Process start(List<String> command, Path output) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        undo.push(() -> end(process));
        return process;
    }

    private static void end(Process process) throws InterruptedException {
        process.destroyForcibly().waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** {@return the greeting; the quit may find the door closed where QEMU is ending by itself} */
    private static String greetAndQuit(ServerSocketChannel monitor) {
        String greeting = "";
        try (SocketChannel channel = monitor.accept();
                BufferedReader reader = new BufferedReader(Channels.newReader(channel, UTF_8))) {
            greeting = String.valueOf(reader.readLine());
            channel.write(
                    ByteBuffer.wrap("{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n".getBytes(UTF_8)));
            while (reader.readLine() != null) {
                // until QEMU has closed its end
            }
        } catch (IOException e) {
            return greeting;
        }
        return greeting;
    }

    @AfterEach
    void undoAll() throws Exception {
        while (!undo.isEmpty()) {
            undo.pop().close();
        }
    }
}
