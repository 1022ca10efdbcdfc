/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdTranslation;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import dev.microvm.spi.ServiceFailedException;
import dev.microvm.spi.SupervisedProcess;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

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
        context.realVirtiofsd();
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

    private void kill() throws Exception {
        long pid = PidFile.read(PidFile.of(context.socketOf(share))).orElseThrow();
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        process.onExit().get(5, TimeUnit.SECONDS);
    }

    @Test
    void isStartedAgainThreeTimesBeforeAnybodyHasConnected() throws Exception {
        try (Virtiofsd daemon = real()) {
            daemon.start(LIMIT);
            for (int i = 0; i < DaemonLife.MOST_RESTARTS; i++) {
                kill();
                daemon.beforeQemu(LIMIT);
                assertThat(context.socketOf(share)).exists();
                assertThat(daemon.died().toCompletableFuture()).isNotDone();
            }
            kill();

            assertThat(died(daemon)).contains("virtiofsd home", "exit code 137", "Waiting for vhost-user socket");
            assertThat(daemon.stderrTail()).anyMatch(line -> line.contains("Waiting for vhost-user socket"));
            assertThatThrownBy(() -> daemon.beforeQemu(LIMIT))
                    .isInstanceOf(ServiceFailedException.class)
                    .hasMessageContaining("exit code 137");
        }
        assertNothingIsLeft();
    }

    @Test
    void saysSoWhereItCannotBeStartedAgain() throws Exception {
        Path once = temp.resolve("once");
        Path end = temp.resolve("end");
        Path daemonFile = Scripts.daemon(
                temp.resolve("bin/once"),
                "mkdir " + once + " || { echo never again >&2; exit 9; }\n"
                        + "echo 'Waiting for vhost-user socket connection...' >&2; while [ ! -e " + end
                        + " ]; do sleep 0.01; done; exit 3");
        context.with(VirtiofsdProbe.VARIABLE, daemonFile);
        try (Virtiofsd daemon = Virtiofsd.of(share, context)) {
            daemon.start(LIMIT);
            Files.createFile(end);

            assertThat(died(daemon)).contains("exit code 3", "could not be started again", "exit code 9");
        }
        assertNothingIsLeft();
    }

    @Test
    void isStartedAgainWhereItsSocketWasRemoved() throws Exception {
        try (Virtiofsd daemon = real()) {
            daemon.start(LIMIT);
            Files.delete(context.socketOf(share));

            daemon.beforeQemu(LIMIT);

            assertThat(context.socketOf(share)).exists();
            assertThat(daemon.died().toCompletableFuture()).isNotDone();
        }
        assertNothingIsLeft();
    }

    @Test
    void removesWhatAnEarlierDaemonLeft() throws Exception {
        try (Virtiofsd daemon = real()) {
            Path socket = context.socketOf(share);
            Files.createFile(socket);
            Files.writeString(PidFile.of(socket), "999999999\n111111111\n");
            daemon.start(LIMIT);

            assertThat(Files.readString(PidFile.of(socket)).lines()).hasSize(1);
        }
        assertNothingIsLeft();
    }

    static Set<String> options() {
        return Options.each().keySet();
    }

    @ParameterizedTest
    @MethodSource("options")
    void knowsEveryOption(String name) throws Exception {
        VirtiofsdOptions.Builder options = Options.each().get(name).apply(VirtiofsdOptions.builder());
        share = VirtiofsShare.builder()
                .from(share)
                .idMap(IdMap.IDENTITY)
                .xattr(true)
                .posixAcl(true)
                .daemon(options.build())
                .build();
        try (Virtiofsd daemon = real()) {
            assertThat(daemon.check()).isEmpty();
            daemon.start(LIMIT);

            String group = String.valueOf(Files.getAttribute(context.socketOf(share), "posix:group"));
            assertThat(group.equals("users")).isEqualTo(name.equals("socketGroup"));
        }
        assertNothingIsLeft();
    }

    @Test
    void knowsMigrationByHandlesAndEveryKindOfTranslation() throws Exception {
        share = VirtiofsShare.builder()
                .from(share)
                .idMap(IdMap.translating(
                        Stream.of(
                                        "guest:0:5:5",
                                        "squash-guest:10:5:5",
                                        "forbid-guest:20:5",
                                        "host:0:9:5",
                                        "squash-host:10:9:5",
                                        "map:30:40:5")
                                .map(IdTranslation::parse)
                                .toList(),
                        List.of()))
                .daemon(Options.byHandles(VirtiofsdOptions.builder()).build())
                .build();
        try (Virtiofsd daemon = real()) {
            daemon.start(LIMIT);
        }
        assertNothingIsLeft();
    }

    /** Two rules that our values refuse side by side are two that the daemon refuses, and no others. */
    @Test
    void agreesOnWhichTranslationsContradictEachOther() throws Exception {
        real().close();
        Path program = VirtiofsdProbe.run(context.environment(), context.cacheFolder())
                .program()
                .orElseThrow()
                .path();
        Path socket = context.socketOf(share);
        int number = 0;
        for (IdTranslation.Kind one : IdTranslation.Kind.values()) {
            for (IdTranslation.Kind other : IdTranslation.Kind.values()) {
                List<IdTranslation> rules =
                        List.of(new IdTranslation(one, 0, 0, 10), new IdTranslation(other, 5, 0, 10));
                boolean refused = false;
                try {
                    IdMap.translating(rules, List.of());
                } catch (IllegalArgumentException e) {
                    refused = true;
                }
                SupervisedProcess daemon = context.spawn(
                        "pair" + number++,
                        List.of(
                                program.toString(),
                                "--socket-path=" + socket,
                                "--shared-dir=" + share.source(),
                                "--translate-uid=" + rules.get(0),
                                "--translate-uid=" + rules.get(1)),
                        Map.of("RUST_LOG", "info"));
                boolean failed = false;
                try {
                    Readiness.await("pair", daemon, LIMIT, SandboxChoice.automatic(Optional.empty(), false));
                } catch (ServiceFailedException e) {
                    failed = true;
                }
                daemon.stop(Duration.ofSeconds(1));
                PidFile.clear(socket);
                assertThat(refused).as(rules + " is refused as the daemon does").isEqualTo(failed);
            }
        }
        assertNothingIsLeft();
    }

    @Test
    void tellsWhatItHasChosen() throws Exception {
        try (Virtiofsd daemon = real()) {
            assertThat(daemon.choices()).isEmpty();
            assertThat(daemon.check()).isEmpty();

            assertThat(daemon.choices())
                    .anyMatch(choice -> choice.startsWith("virtiofsd 1."))
                    .anyMatch(choice -> choice.startsWith("sandbox namespace: "))
                    .anyMatch(choice -> choice.startsWith("inode file handles "))
                    .anyMatch(choice -> choice.startsWith("owners: everything is "));
        }
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
                .daemon(VirtiofsdOptions.builder()
                        .addExtraArguments("--no-such-option")
                        .build())
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
            try (Virtiofsd daemon = new Virtiofsd(
                    share,
                    DaemonHome.of(context.named(sandbox + "-" + map.kind()), share),
                    new Caller(NOBODY, NOBODY, "nobody"))) {
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
