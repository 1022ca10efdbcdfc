/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.spec.IdMap;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.ServiceFailedException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The real daemon under a real lifeline. */
@Timeout(60)
class VirtiofsdIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int NOBODY = 65534;

    @TempDir
    Path temp;

    private LifelineContext context;
    private VirtiofsShare share;

    @BeforeEach
    void start() throws Exception {
        context = new LifelineContext(temp);
        share = VirtiofsShare.of("home", Files.createDirectory(temp.resolve("home")));
    }

    @AfterEach
    void close() throws Exception {
        context.close();
        assertThat(temp.resolve("state")).doesNotExist();
    }

    private Virtiofsd real() throws InterruptedException {
        boolean there = VirtiofsdProbe.run(context.environment(), context.cacheFolder())
                .program()
                .isPresent();
        assertThat(there || !Boolean.getBoolean("microvm.it.required"))
                .as("virtiofsd")
                .isTrue();
        assumeTrue(there, "no virtiofsd");
        return Virtiofsd.of(share, context);
    }

    private String died(Virtiofsd daemon) throws Exception {
        return daemon.died().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void assertNothingIsLeft() throws Exception {
        try (Stream<Path> left = Files.list(temp.resolve("sockets"))) {
            assertThat(left).isEmpty();
        }
        // virtiofsd's sandbox is a child of its own, which the kernel ends a moment after a parent that was killed
        for (ProcessHandle left : processesAt(temp.resolve("sockets").toString())) {
            left.onExit().get(2, TimeUnit.SECONDS);
        }
        assertThat(processesAt(temp.resolve("sockets").toString())).isEmpty();
    }

    private static List<ProcessHandle> processesAt(String folder) {
        return ProcessHandle.allProcesses()
                .filter(handle -> handle.info().commandLine().orElse("").contains(folder)) // a zombie has none
                .toList();
    }

    @Test
    void isReadyWhenStartReturnsAndLeavesNothing() throws Exception {
        try (Virtiofsd daemon = real()) {
            assertThat(daemon.check()).isEmpty();
            daemon.start(LIMIT);

            assertThat(context.socketOf(share)).exists();
            assertThat(daemon.died().toCompletableFuture()).isNotDone();
            assertThatThrownBy(() -> daemon.start(LIMIT)).isInstanceOf(IllegalStateException.class);
        }
        assertNothingIsLeft();
    }

    @Test
    void tellsThatItDied() throws Exception {
        try (Virtiofsd daemon = real()) {
            daemon.start(LIMIT);
            String pid = Files.readString(temp.resolve("sockets/home.sock.pid"))
                    .lines()
                    .findFirst()
                    .orElseThrow();
            ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();

            assertThat(died(daemon)).contains("virtiofsd home", "exit code 137", "Waiting for vhost-user socket");
            assertThat(daemon.stderrTail()).anyMatch(line -> line.contains("Waiting for vhost-user socket"));
        }
        assertNothingIsLeft();
    }

    @Test
    void tellsThatItsClientWentAway() throws Exception {
        try (Virtiofsd daemon = real()) {
            daemon.start(LIMIT);
            try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                client.connect(UnixDomainSocketAddress.of(context.socketOf(share)));
            }

            assertThat(died(daemon)).contains("exit code 0", "Client disconnected");
        }
    }

    @Test
    void saysWhatIsWrongWithAnotherProgram() throws Exception {
        context.with(VirtiofsdProbe.VARIABLE, Path.of("/bin/true"));
        try (Virtiofsd daemon = Virtiofsd.of(share, context)) {
            assertThat(daemon.check()).hasSize(1);
            assertThatThrownBy(() -> daemon.start(LIMIT)).isInstanceOfSatisfying(ServiceFailedException.class, e -> {
                assertThat(e).hasMessageContaining("/bin/true is not virtiofsd");
                assertThat(e.hint()).contains("MICROVM_VIRTIOFSD");
            });
        }
    }

    @Test
    void doesNotWaitLongerThanItsLimit() throws Exception {
        context.with(
                VirtiofsdProbe.VARIABLE,
                Scripts.daemon(temp.resolve("bin/sleeping"), "echo thinking >&2; exec sleep 300"));
        try (Virtiofsd daemon = Virtiofsd.of(share, context)) {
            assertThatThrownBy(() -> daemon.start(Duration.ofMillis(500)))
                    .isInstanceOfSatisfying(ServiceFailedException.class, e -> {
                        assertThat(e).hasMessageContaining("was not ready within 500 ms");
                        assertThat(e.stderrTail()).containsExactly("thinking");
                    });
            assertNothingIsLeft();
        }
    }

    @Test
    void doesNotWaitForADaemonThatHasEnded() throws Exception {
        share = VirtiofsShare.builder()
                .from(share)
                .addExtraArguments("--no-such-option")
                .build();
        try (Virtiofsd daemon = real()) {
            assertThatThrownBy(() -> daemon.start(LIMIT)).isInstanceOfSatisfying(ServiceFailedException.class, e -> {
                assertThat(e).hasMessageContaining("ended with exit code 2");
                assertThat(String.join("\n", e.stderrTail())).contains("--no-such-option");
            });
        }
        assertNothingIsLeft();
    }

    @Test
    void isNotFooledByTheCallersLogLevel() throws Exception {
        Path daemon = VirtiofsdProbe.run(context.environment(), context.cacheFolder())
                .program()
                .map(VirtiofsdProbe.Program::path)
                .orElse(Path.of("/bin/false"));
        context.with("RUST_LOG", Path.of("error")).with(VirtiofsdProbe.VARIABLE, daemon);
        try (Virtiofsd started = real()) {
            started.start(LIMIT);
        }
    }

    @Test
    void givesTheSocketToQemusUser() throws Exception {
        assumeTrue(Caller.current().isRoot(), "only root can give a file away");
        context.withQemuUid(NOBODY);
        try (Virtiofsd daemon = real()) {
            daemon.start(LIMIT);

            assertThat(Files.getAttribute(context.socketOf(share), "unix:uid")).isEqualTo(NOBODY);
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource(
            value = Sandbox.class,
            names = {"AUTO", "NAMESPACE", "NONE"})
    void worksForAnUnprivilegedUserAndDiesWithTheLifeline(Sandbox sandbox) throws Exception {
        assumeTrue(Caller.current().isRoot(), "only root can become another user");
        context.runningAs(NOBODY, NOBODY);
        for (IdMap map : new IdMap[] {IdMap.callerAs(1000), IdMap.IDENTITY}) {
            share = VirtiofsShare.builder()
                    .from(share)
                    .sandbox(sandbox)
                    .idMap(map)
                    .build();
            real();
            try (Virtiofsd daemon =
                    new Virtiofsd(share, context.named(sandbox + "-" + map.kind()), new Caller(NOBODY, NOBODY))) {
                daemon.start(LIMIT);
                assertThat(Files.getAttribute(context.socketOf(share), "unix:uid"))
                        .isEqualTo(NOBODY);
                if (map.kind() == IdMap.Kind.IDENTITY) {
                    ProcessHandle.of(context.lifeline().pid()).orElseThrow().destroyForcibly();
                    assertThat(died(daemon)).contains("exit code 137");
                }
            }
            assertNothingIsLeft();
        }
    }
}
