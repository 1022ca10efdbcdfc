/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.PortForward;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The relay of a connection whose server says nothing, started as libslirp does, beside something that holds the pipe as QEMU does. */
class GuestCallRelayTest {
    private static final int SECONDS = 10;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();
    private Path busybox;
    private Path pipe;
    private ServerSocket silent;

    @BeforeEach
    void listen() throws IOException {
        busybox = Tools.require("busybox");
        pipe = Files.createDirectory(folder.resolve("it's ports")).resolve("alive");
        silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        silent.setSoTimeout(SECONDS * 1000);
    }

    @AfterEach
    void end() throws IOException {
        silent.close();
        started.forEach(Process::destroyForcibly);
        relayed().forEach(ProcessHandle::destroyForcibly);
    }

    private Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        started.add(process);
        return process;
    }

    /** The guest's end of the connection stays open. */
    private Process relay() throws IOException {
        String command = GuestCallRelay.of(PortForward.guestToHost(5432, silent.getLocalPort()), busybox, pipe);
        return start(List.of(busybox.toString(), "sh", "-c", "exec " + command));
    }

    /** Replaces QEMU, behind what stands in {@code run.sh}. */
    private Process holder() throws Exception {
        CommandLine line = new CommandLine(
                busybox,
                List.of(new Argument("sleep", "test"), new Argument("60", "test")),
                List.of(),
                GuestCallRelay.holdingThePipe(busybox, pipe));
        Process holder = start(List.of("/bin/sh", "-c", line.runScript()));
        await(
                "a holder of the pipe",
                () -> holder.info()
                        .arguments()
                        .map(words -> words[0].equals("sleep"))
                        .orElse(false));
        return holder;
    }

    private List<ProcessHandle> relayed() {
        String port = Integer.toString(silent.getLocalPort());
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").endsWith(" 127.0.0.1 " + port))
                .toList();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting for " + what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private void assertNothingIsLeft() throws InterruptedException {
        await("the end of the relay, its nc and its reader", () -> relayed().isEmpty());
    }

    @Test
    void relayCarriesBytesAndEndsWithQemu() throws Exception {
        Process holder = holder();
        Process relay = relay();
        try (Socket connection = silent.accept()) {
            relay.getOutputStream().write("there".getBytes(StandardCharsets.UTF_8));
            relay.getOutputStream().flush();
            assertThat(connection.getInputStream().readNBytes(5)).asString().isEqualTo("there");
            connection.getOutputStream().write("back".getBytes(StandardCharsets.UTF_8));
            assertThat(relay.getInputStream().readNBytes(4)).asString().isEqualTo("back");
            assertThat(relayed()).hasSize(3);

            holder.destroyForcibly();
            assertNothingIsLeft();
        }
    }

    @Test
    void replayInAKeptFolderFindsThePipeThere() throws Exception {
        holder().destroyForcibly().waitFor();
        Process again = holder();
        relay();
        try (Socket connection = silent.accept()) {
            assertThat(connection.isConnected()).isTrue();
            again.destroyForcibly();
            assertNothingIsLeft();
        }
    }

    @Test
    void relayEndsWhereQemusFolderWentBeforeIt() throws Exception {
        Files.delete(pipe.getParent());

        assertThat(relay().waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void relayEndsWhereQemuWentBeforeItReadThePipe() throws Exception {
        holder().destroyForcibly().waitFor();
        assertThat(Files.exists(pipe)).isTrue();

        assertThat(relay().waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void relayEndsWheneverQemuGoes() throws Exception {
        for (int round = 0; round < 40; round++) {
            Files.createDirectories(pipe.getParent());
            Process holder = holder();
            relay();
            TimeUnit.MICROSECONDS.sleep(round * 100L); // not a wait: every round meets another of the relay's steps
            holder.destroyForcibly();
            if (round % 2 == 0) {
                Files.deleteIfExists(pipe);
                Files.deleteIfExists(pipe.getParent());
            }
        }

        assertNothingIsLeft();
    }
}
