/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.image.ShellText;
import dev.microvm.internal.image.Shells;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The control loop without a VM, by each shell of this host: the control port is a socket, the other ports are FIFOs, which (unlike
 * ports) can be opened more than once.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // opening a FIFO cannot be interrupted
class AgentLoopTest {
    private static final String NONCE = "0123456789abcdef0123456789abcdef";
    private static final Path BUSYBOX = Path.of("/usr/bin/busybox");

    @TempDir
    Path folder;

    private ServerSocket server;
    private Socket control;
    private BufferedReader lines;
    private Process loop;

    static Stream<List<String>> shells() {
        return Shells.all().stream();
    }

    private void start(List<String> shell) throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(BUSYBOX), "busybox gives the loop its socket");
        Path agent = folder.resolve("agent");
        try (InputStream in = MountPlan.class.getResourceAsStream("agent")) {
            Files.copy(in, agent);
        }
        Path ports = Files.createDirectory(folder.resolve("ports"));
        Path devices = Files.createDirectory(folder.resolve("devices"));
        List<String> fifos = new ArrayList<>(List.of("mkfifo"));
        for (String stream : List.of("in", "out", "err")) {
            Files.writeString(
                    Files.createDirectory(ports.resolve("v" + stream)).resolve("name"), "microvm.0." + stream + "\n");
            fifos.add(devices.resolve("v" + stream).toString());
        }
        assertThat(new ProcessBuilder(fifos).start().waitFor()).isZero();
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        List<String> command = new ArrayList<>(
                List.of("setsid", BUSYBOX.toString(), "nc", "127.0.0.1", String.valueOf(server.getLocalPort()), "-e"));
        command.addAll(shell);
        command.addAll(List.of(
                agent.toString(),
                "root",
                "-",
                Files.createDirectory(folder.resolve("home")).toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("MICROVM_PORTS", ports.toString());
        builder.environment().put("MICROVM_DEVICES", devices.toString());
        loop = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        server.setSoTimeout(20_000);
        control = server.accept();
        control.setSoTimeout(20_000);
        lines = new BufferedReader(new InputStreamReader(control.getInputStream(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("microvm 1 root");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (control != null) {
            send("enter 99 /new root");
            assertThat(loop.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("home/enter")).hasContent("/new root");
            control.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private void send(String line) throws IOException {
        control.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private byte[] output(String stream) throws IOException {
        return Files.readAllBytes(folder.resolve("devices/v" + stream));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void answersPingsRunsScriptsAndNamesUnknownVerbs(List<String> shell) throws IOException, InterruptedException {
        start(shell);
        send("ping 1");
        assertThat(lines.readLine()).isEqualTo("pong 1");
        send("frobnicate 2 now");
        assertThat(lines.readLine()).isEqualTo("unknown 2 frobnicate");
        send("run 3 " + ShellText.encode("printf '%s\\n' ' a\\b '\necho err >&2; printf '%s' 'no end'; exit 5"));
        assertThat(lines.readLine()).isEqualTo("out 3  a\\b ");
        assertThat(lines.readLine()).isEqualTo("out 3 err");
        assertThat(lines.readLine()).isEqualTo("out 3 no end");
        assertThat(lines.readLine()).isEqualTo("done 3 5");
        send("run 4 true");
        assertThat(lines.readLine()).isEqualTo("done 4 0");
        send("run 5 " + ShellText.encode("if"));
        String line = lines.readLine();
        while (line.startsWith("out 5 ")) {
            line = lines.readLine();
        }
        assertThat(line).startsWith("done 5 ").isNotEqualTo("done 5 0");
        send("signal 6 TERM");
        assertThat(lines.readLine()).isEqualTo("gone 6");
        send("power 7 maybe");
        assertThat(lines.readLine()).isEqualTo("done 7 2");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void runsCommandsWithTheirStreamsBetweenNonces(List<String> shell) throws IOException, InterruptedException {
        start(shell);
        for (int id = 1; id <= 3; id++) {
            send("exec " + id + " 0 - " + NONCE + " "
                    + ShellText.encode("echo \"out\"\necho err >/dev/stderr; exit 3"));
            // A FIFO is open once both sides are there, so both are read before the answer is waited for.
            var err = reading("err");
            assertThat(output("out")).asString().isEqualTo(NONCE + "out\n" + NONCE);
            assertThat(err.join()).isEqualTo(NONCE + "err\n" + NONCE);
            assertThat(lines.readLine()).startsWith("started " + id + " ");
            assertThat(lines.readLine()).isEqualTo("exit " + id + " 3");
        }
    }

    /** On a thread of its own: the common pool may have only one, and opening a FIFO waits for the other side. */
    private CompletableFuture<String> reading(String stream) {
        return CompletableFuture.supplyAsync(() -> read(stream), task -> new Thread(task).start());
    }

    private String read(String stream) {
        try {
            return new String(output(stream), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void signalsTheGroupOfACommand(List<String> shell) throws IOException, InterruptedException {
        start(shell);
        send("exec 8 0 - " + NONCE + " exec sleep 1000");
        var out = reading("out");
        var err = reading("err");
        assertThat(lines.readLine()).startsWith("started 8 ");
        send("signal 8 INT");
        assertThat(List.of(lines.readLine(), lines.readLine())).containsExactlyInAnyOrder("sent 8", "exit 8 130");
        assertThat(out.join()).isEqualTo(NONCE + NONCE);
        assertThat(err.join()).isEqualTo(NONCE + NONCE);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void inputIsReadFromTheLineThatBeginsIt(List<String> shell) throws IOException, InterruptedException {
        start(shell);
        send("exec 9 0 i " + NONCE + " cat");
        var out = reading("out");
        var err = reading("err");
        Files.writeString(folder.resolve("devices/vin"), "stale\ngo 0000\ngo " + NONCE + "\ngo data\nend");
        assertThat(out.join()).isEqualTo(NONCE + "go data\nend" + NONCE);
        assertThat(err.join()).isEqualTo(NONCE + NONCE);
        assertThat(lines.readLine()).startsWith("started 9 ");
        assertThat(lines.readLine()).isEqualTo("exit 9 0");
    }
}
