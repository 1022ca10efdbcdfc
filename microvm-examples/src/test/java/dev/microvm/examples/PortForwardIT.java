/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.Preflight;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestInput;
import dev.microvm.guest.GuestProcess;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that the guest opens to servers on this host's loopback, through guest-to-host forwards. */
class PortForwardIT {
    private static final String FORWARDED = "10.0.2.100";
    private static final String HOST_LOOPBACK = "10.0.2.2";
    private static final int GUEST_PORT = 5432;
    private static final int PORT_WITHOUT_SERVER = 5433;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static HostServer server;
    private static Socket unused;
    private static VmHost host;
    private static MicroVm vm;

    @BeforeAll
    static void start() throws IOException {
        Requirements.canBootHostRoot();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        server = HostServer.listen(0);
        unused = silentPort();
        // The state folder's path is part of the command that QEMU is to run for each connection.
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("MICROVM_STATE", folder.resolve("a,b c'd\"e").toString());
        host = VmHost.builder().environment(environment).build();
        vm = host.start(
                spec().addInterfaces(UserNetwork.builder().restrict(true).build())
                        .addForwards(PortForward.guestToHost(PORT_WITHOUT_SERVER, unused.getLocalPort()))
                        .build());
    }

    private static VmSpec.Builder spec() {
        return VmSpec.builder()
                .name("caller")
                .memoryMib(256)
                .boot(BootSource.hostRoot())
                .addForwards(PortForward.guestToHost(GUEST_PORT, server.port()));
    }

    /** Bound, so that nobody else gets it, but not listening, so that it refuses; a server that reuses addresses may listen there all the same. */
    private static Socket silentPort() throws IOException {
        Socket socket = new Socket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        return socket;
    }

    @AfterAll
    static void end() throws IOException {
        if (host != null) {
            host.close();
        }
        if (server != null) {
            server.close();
        }
        if (unused != null) {
            unused.close();
        }
    }

    /** A call of busybox's nc: it sends the request and its end, and reads to the end of the reply. */
    private static ExecRequest call(String address, int port, byte[] request) {
        return ExecRequest.builder()
                .addCommand("/run/microvm/busybox", "nc", "-w", "5", address, Integer.toString(port))
                .stdin(GuestInput.bytes(request))
                .limit(LIMIT)
                .build();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @Test
    void carriesBytesBothWaysOneConnectionAfterAnother() {
        for (int size : new int[] {1, 4096, 1 << 20}) {
            ExecResult result = vm.shell().exec(call(FORWARDED, GUEST_PORT, bytes(size)));

            assertThat(result.stdoutBytes()).isEqualTo(HostServer.replyTo(bytes(size)));
        }
    }

    @Test
    void carriesSeveralConnectionsAtOnce() throws InterruptedException {
        List<GuestProcess> calls = new ArrayList<>();
        server.answerNobodyBeforeHaveConnected(4);
        for (int i = 0; i < 4; i++) {
            calls.add(vm.shell().start(call(FORWARDED, GUEST_PORT, bytes(1000 + i))));
        }

        for (int i = 0; i < 4; i++) {
            assertThat(calls.get(i).await(LIMIT).stdoutBytes()).isEqualTo(HostServer.replyTo(bytes(1000 + i)));
        }
    }

    /** The relay's "can't connect to remote host" once came to the guest as if the server had said it. */
    @Test
    void refusedConnectionIsNotAnsweredWithTheRelaysOwnWords() throws IOException {
        ExecRequest call = call(FORWARDED, PORT_WITHOUT_SERVER, bytes(10));

        assertThat(vm.shell().exec(call).stdoutBytes()).isEmpty();
        try (HostServer later = HostServer.listen(unused.getLocalPort())) {
            assertThat(later.port()).isEqualTo(unused.getLocalPort());
            assertThat(vm.shell().exec(call).stdoutBytes()).isEqualTo(HostServer.replyTo(bytes(10)));
        }
    }

    @Test
    void restrictedGuestReachesTheHostByItsForwardsOnly() {
        ExecResult result = vm.shell().exec(call(HOST_LOOPBACK, server.port(), bytes(10)));

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.stdoutBytes()).isEmpty();
    }

    /** A relay waits for a server that says nothing, and libslirp makes it an orphan: it outlived every VM. */
    @Test
    void connectionHeldOpenByItsServerLeavesNoProcessBehindTheVm() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                MicroVm mortal = host.start(
                        spec().addForwards(PortForward.guestToHost(PORT_WITHOUT_SERVER, silent.getLocalPort()))
                                .build())) {
            assertThat(mortal.shell()
                            .exec(call(HOST_LOOPBACK, server.port(), bytes(10)))
                            .stdoutBytes())
                    .as("a guest that is not restricted needs no forward to the host's loopback")
                    .isEqualTo(HostServer.replyTo(bytes(10)));
            GuestProcess call = mortal.shell().start(call(FORWARDED, PORT_WITHOUT_SERVER, bytes(10)));
            try (call;
                    Socket connection = silent.accept()) {
                assertThat(connection.getInputStream().readNBytes(10)).isEqualTo(bytes(10));
                assertRelayEndsWith(mortal, "\000127.0.0.1\000" + silent.getLocalPort() + "\0");
            }
        }
    }

    private static void assertRelayEndsWith(MicroVm vm, String arguments) throws Exception {
        // The server may have the bytes before the shell has started them all.
        assertThat(HostProcesses.within(
                        LIMIT, () -> HostProcesses.saying(arguments).size() == 3))
                .as(
                        "nc, its shell, the reader of the pipe: %s",
                        HostProcesses.describe(HostProcesses.saying(arguments)))
                .isTrue();

        ChildJvm.signal(vm.pid(), "KILL");

        HostProcesses.within(
                Duration.ofSeconds(2), () -> HostProcesses.saying(arguments).isEmpty());
        assertThat(HostProcesses.describe(HostProcesses.saying(arguments))).isEmpty();
    }

    /** It was found by the preflight, and then missing when the command line was rendered. */
    @Test
    void guestForwardOfAKernelBootFindsItsBusybox() throws IOException {
        Path kernel = Files.write(folder.resolve("kernel"), new byte[4096]);
        VmSpec own = VmSpec.builder()
                .boot(KernelBoot.builder().kernel(kernel).build())
                .addForwards(PortForward.guestToHost(GUEST_PORT, server.port()))
                .build();

        Preflight preflight = host.preflight(own, LaunchOptions.DEFAULTS);

        assertThat(preflight.problems()).isEmpty();
        assertThat(preflight.commandLine())
                .anySatisfy(argument -> assertThat(argument.text()).contains("guestfwd=tcp:10.0.2.100:5432-cmd:/"));
    }
}
