/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QemuRelease;
import dev.microvm.qmp.QmpErrorException;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.QmpTimeoutException;
import dev.microvm.qmp.QmpUnsupportedException;
import dev.microvm.qmp.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The client against the real agents of three releases, each as a program of this machine. What would stop, freeze or change this machine is
 * forbidden to them, and proved with a fake.
 */
class GuestAgentIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String FORBIDDEN = "guest-shutdown,guest-suspend-disk,guest-suspend-ram,guest-suspend-hybrid,"
            + "guest-fsfreeze-freeze,guest-fsfreeze-freeze-list,guest-fsfreeze-thaw,guest-fstrim,guest-set-time,"
            + "guest-set-user-password,guest-set-vcpus,guest-set-memory-blocks,guest-get-vcpus";

    @TempDir
    Path folder;

    private Process process;

    @AfterEach
    void stop() throws InterruptedException {
        if (process != null) {
            // Not SIGTERM: qemu-ga takes GLib's locks in its signal handler, and hangs where one comes just after a
            // client has left.
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("qemu-ga ends").isTrue();
        }
    }

    /** Starts an agent; skips the test where it is missing, or fails it where the build says that it must be there. */
    private void start(QemuRelease release) throws Exception {
        Path program = release.program("qemu-ga");
        process = new ProcessBuilder(
                        program.toString(),
                        "-m",
                        "unix-listen",
                        "-p",
                        socket().toString(),
                        "-t",
                        folder.toString(),
                        "-b",
                        FORBIDDEN)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Path socket() {
        return folder.resolve("a");
    }

    private QmpOptions options() {
        return QmpOptions.builder()
                .name("it")
                .transport(TransportKind.JDK)
                .connectTimeout(LONG)
                .commandTimeout(LONG)
                .socketWait(LONG)
                .build();
    }

    private GuestAgent connect() {
        return GuestAgent.connect(socket(), options());
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhatTheGuestIs(QemuRelease release) throws Exception {
        start(release);
        try (GuestAgent agent = connect()) {
            agent.ping();
            agent.sync();
            assertThat(agent.info().version()).matches("\\d+\\.\\d+\\.\\d+.*");
            assertThat(agent.supports("guest-exec")).isTrue();
            assertThat(agent.supports("guest-shutdown")).isFalse();
            assertThat(agent.supports("guest-nothing")).isFalse();
            assertThat(agent.osInfo().machine()).isEqualTo("x86_64");
            assertThat(agent.osInfo().kernelRelease())
                    .isEqualTo(Files.readString(Path.of("/proc/sys/kernel/osrelease"))
                            .strip());
            assertThat(agent.hostName()).isEqualTo(InetAddress.getLocalHost().getHostName());
            assertThat(agent.time())
                    .isBetween(Instant.now().minus(LONG), Instant.now().plus(LONG));
            assertThat(agent.isFrozen()).isFalse();
            assertThat(agent.networkInterfaces())
                    .filteredOn(each -> each.name().equals("lo"))
                    .singleElement()
                    .satisfies(lo -> assertThat(lo.addresses())
                            .contains(new GuestNetworkInterface.Address("ipv4", "127.0.0.1", 8)));
            JsonValue users = agent.executeRaw("guest-get-users", JsonValue.Obj.EMPTY);
            assertThat(users.kind()).isEqualTo(JsonValue.Kind.ARRAY);
        }
    }

    @ParameterizedTest
    @EnumSource
    void runsPrograms(QemuRelease release) throws Exception {
        start(release);
        byte[] large = new byte[300_000];
        new Random(1).nextBytes(large);
        try (GuestAgent agent = connect()) {
            GuestExecStatus shell = agent.run("sh", List.of("-c", "echo \"$1\"; echo no >&2; exit 3", "sh", "ä $x"));
            assertThat(shell).returns(true, GuestExecStatus::exited).returns(3, GuestExecStatus::exitCode);
            assertThat(shell.out()).isEqualTo("ä $x\n");
            assertThat(shell.err()).isEqualTo("no\n");
            assertThat(shell.succeeded()).isFalse();
            GuestExecStatus cat = agent.run("cat", List.of(), large, LONG);
            assertThat(cat.outBytes()).isEqualTo(large);
            assertThat(cat.succeeded()).isTrue();
            assertThat(agent.run("sh", List.of("-c", "kill -9 $$")).signal()).isEqualTo(9);
            assertThatThrownBy(() -> agent.run("/bin/no-such-program", List.of()))
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("No such file");
            long pid = agent.exec("sh", List.of("-c", "echo $A"), List.of("A=b", "PATH=/bin"), new byte[0], false);
            GuestExecStatus status = agent.execStatus(pid);
            while (!status.exited()) {
                status = agent.execStatus(pid);
            }
            assertThat(status.outData()).isEmpty();
            assertThat(status.succeeded()).isTrue();
            assertThatThrownBy(() -> agent.run("sleep", List.of("2"), new byte[0], Duration.ofMillis(50)))
                    .isInstanceOf(QmpTimeoutException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsAndWritesFiles(QemuRelease release) throws Exception {
        start(release);
        byte[] large = new byte[2_500_000];
        new Random(2).nextBytes(large);
        Path file = folder.resolve("datei ä");
        try (GuestAgent agent = connect()) {
            try (GuestFile out = agent.openFile(file.toString(), "w")) {
                out.write(large);
                out.write("Ende".getBytes(UTF_8));
            }
            assertThat(Files.size(file)).isEqualTo(large.length + 4);
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            try (GuestFile in = agent.openFile(file.toString(), "r")) {
                for (byte[] part = in.read(1 << 20); part.length > 0; part = in.read(1 << 20)) {
                    read.writeBytes(part);
                }
            }
            assertThat(Arrays.copyOf(read.toByteArray(), large.length)).isEqualTo(large);
            assertThat(read.toString(UTF_8)).endsWith("Ende");
            assertThatThrownBy(() -> agent.openFile(folder.resolve("nothing").toString(), "r"))
                    .isInstanceOf(QmpErrorException.class)
                    .hasMessageContaining("No such file");
            GuestFile closed = agent.openFile(file.toString(), "r");
            closed.close();
            closed.close();
            assertThatThrownBy(() -> closed.read(1)).isInstanceOf(QmpErrorException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedWhatIsForbiddenAlsoWithoutAReplyOnSuccess(QemuRelease release) throws Exception {
        start(release);
        try (GuestAgent agent = connect()) {
            // One that would do no harm if it were not refused.
            assertThatThrownBy(() -> agent.executeWithoutReply("guest-get-vcpus", JsonValue.Obj.EMPTY))
                    .isInstanceOf(QmpUnsupportedException.class)
                    .hasMessageContaining("disabled");
            for (String command : FORBIDDEN.split(",")) {
                assertThat(agent.supports(command)).as(command).isFalse();
            }
            // Answered on success: the sign of life that is asked for comes after it.
            agent.executeWithoutReply("guest-ping", JsonValue.Obj.EMPTY);
            agent.ping();
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitsForAnAgentThatAnotherClientHolds(QemuRelease release) throws Exception {
        start(release);
        try (GuestAgent first = connect()) {
            // Long enough for three tries: the agent's queue had no room for a third connection.
            QmpOptions impatient =
                    QmpOptions.builder().connectTimeout(Duration.ofSeconds(3)).build();
            assertThatThrownBy(() -> GuestAgent.connect(socket(), impatient))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("another one is connected");
            first.ping();
        }
        try (GuestAgent second = connect()) {
            second.ping();
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWithAnAgentThatWasRestarted(QemuRelease release) throws Exception {
        start(release);
        try (GuestAgent agent = connect()) {
            agent.ping();
            stop();
            Files.deleteIfExists(socket());
            start(release);
            agent.ping();
            assertThat(agent.info().version()).isNotEmpty();
        }
    }
}
