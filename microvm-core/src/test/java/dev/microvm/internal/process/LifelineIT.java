/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What remains after each way to die: nothing, and within seconds. */
@Timeout(120)
class LifelineIT {
    private static final SpawnRequest.RunAs NOBODY = new SpawnRequest.RunAs(65534, 65534, List.of());
    private static final String NONE = "0".repeat(16);

    @TempDir
    Path temp;

    private DoomedJvm doomed(String mode, String shell) throws Exception {
        String first = shell.split(" ")[0];
        boolean there = ProgramSearch.find(first, System.getenv()).isPresent();
        assertThat(there || !Boolean.getBoolean("microvm.it.required"))
                .as(first)
                .isTrue();
        assumeTrue(there, () -> first + " is not installed");
        return DoomedJvm.start(temp.resolve("state"), mode, shell.split(" "));
    }

    private void nothingIsLeftOf(DoomedJvm jvm) {
        Eventually.dead(jvm.everything());
        Eventually.gone(jvm.state());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void leavesNothingWhenTheJvmIsKilled(String shell) throws Exception {
        DoomedJvm jvm = doomed("wait", shell);
        DoomedJvm.signal("KILL", jvm.pid());

        assertThat(Eventually.dead(jvm.programs())).isLessThan(Duration.ofSeconds(5)); // a grace of 0.5 s and more
        nothingIsLeftOf(jvm);
    }

    /** The folder was made by the JVM once, and stayed where the JVM died before its child had become the lifeline. */
    @Test
    void leavesNoFolderWhenTheJvmIsKilledBeforeTheLifelineRuns() throws Exception {
        Path state = temp.resolve("state");
        Path arrived = temp.resolve("arrived");
        Path gate = temp.resolve("gate");
        Path gone = temp.resolve("gone");
        Path bin = Files.createDirectory(temp.resolve("bin"));
        Path slow = Files.writeString(
                bin.resolve("setsid"),
                "#!/bin/sh\n: > " + arrived + "\nwhile [ ! -e " + gate
                        + " ]; do sleep 0.05; done\nsetsid=$(PATH=${PATH#*:}; command -v setsid)\n"
                        + "\"$setsid\" -w \"$@\"\n: > " + gone + "\n");
        Files.setPosixFilePermissions(slow, PosixFilePermissions.fromString("rwxr-xr-x"));
        ProcessBuilder builder = DoomedJvm.builder(state, "wait", "sh");
        builder.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);
        Process jvm = builder.start();
        Eventually.is("the lifeline is about to run", () -> Files.exists(arrived));
        DoomedJvm.signal("KILL", jvm.pid());
        jvm.waitFor();
        assertThat(state).doesNotExist();
        Files.createFile(gate);

        Eventually.is("the lifeline has come and gone", () -> Files.exists(gone));
        assertThat(state).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void leavesNoProcessWhenJvmAndLifelineAreKilledAtOnce(String shell) throws Exception {
        DoomedJvm jvm = doomed("wait", shell);
        DoomedJvm.signal("KILL", jvm.pid(), jvm.lifeline());

        assertThat(Eventually.dead(jvm.programs())).isLessThan(Duration.ofMillis(500));
        Eventually.dead(jvm.everything());
        assertThat(jvm.state()).as("nobody was left to remove it").isDirectory();
    }

    @Test
    void leavesNoProcessWhenTheLifelineIsKilledBeforeTheJvm() throws Exception {
        DoomedJvm jvm = doomed("wait", "sh");
        DoomedJvm.signal("KILL", jvm.lifeline(), jvm.pid());

        assertThat(Eventually.dead(jvm.programs())).isLessThan(Duration.ofMillis(500));
        Eventually.dead(jvm.everything());
    }

    @Test
    void leavesNothingAfterCtrlC() throws Exception {
        DoomedJvm jvm = doomed("wait", "sh");
        DoomedJvm.signal("INT", -jvm.pid());

        nothingIsLeftOf(jvm);
    }

    @Test
    void leavesNothingWhenTheJvmExitsWithoutClosingIt() throws Exception {
        nothingIsLeftOf(doomed("exit", "sh"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void outlivesTheJvmWhenDetached(String shell) throws Exception {
        DoomedJvm jvm = doomed("detach", shell);
        DoomedJvm.signal("KILL", jvm.pid());
        Eventually.dead(jvm.pid());

        for (long program : jvm.programs()) {
            assertThat(Eventually.alive(program)).isTrue();
            DoomedJvm.signal("KILL", program);
        }
        nothingIsLeftOf(jvm);
    }

    @Test
    void takesAProgramAlongThatRunsAsAnotherUser() throws Exception {
        assumeRoot();
        try (Lifeline lifeline = Lifeline.start(LifelineOptions.of("user", temp.resolve("state")))) {
            SupervisedProcess program = lifeline.spawn(
                    SpawnRequest.of("program", List.of("sleep", "300")).as(NOBODY));
            SupervisedProcess identity =
                    lifeline.spawn(SpawnRequest.of("identity", List.of("sh", "-c", "id -u; id -g; id -G; touch x"))
                            .as(new SpawnRequest.RunAs(65534, 65533, List.of(7, 8))));
            LifelineTest.exitOf(identity);
            assertThat(lifeline.stateFolder().resolve("identity.stdout")).hasContent("65534\n65533\n65533 7 8");
            Eventually.pidOf("sleep", "300"); // past the shells before it
            assertThat(Files.getAttribute(Path.of("/proc/" + program.pid()), "unix:uid"))
                    .isEqualTo(65534);

            DoomedJvm.signal("KILL", lifeline.pid());

            assertThat(Eventually.dead(program.pid())).isLessThan(Duration.ofMillis(500));
            assertThat(LifelineTest.exitOf(program)).isEqualTo(137);
        }
    }

    @Test
    void confinesAProgramThatRunsAsAnotherUser() throws Exception {
        assumeRoot();
        LifelineOptions options = LifelineOptions.of("user", temp.resolve("state"))
                .withEnvironment(Map.of("TOKEN", "secret", "LC_ALL", "C.UTF-8"));
        try (Lifeline lifeline = Lifeline.start(options)) {
            assertThat(statusOf(lifeline)).contains("NoNewPrivs:\t1", "CapBnd:\t" + NONE, "CapInh:\t" + NONE);
            SupervisedProcess environment = lifeline.spawn(SpawnRequest.of("environment", List.of("env"))
                    .withEnvironment(Map.of("OWN", "it's"))
                    .as(NOBODY));
            assertThat(LifelineTest.exitOf(environment)).isZero();

            assertThat(Files.readAllLines(lifeline.stateFolder().resolve("environment.stdout")))
                    .contains("OWN=it's", "LC_ALL=C.UTF-8", "PATH=" + System.getenv("PATH"))
                    .noneMatch(line -> line.startsWith("TOKEN=") || line.startsWith("HOME="));
        }
    }

    @Test
    void startsAProgramAsAnotherUserWhereRootMayNotDropCapabilities() throws Exception {
        assumeRoot();
        LifelineOptions options = LifelineOptions.of("user", temp.resolve("state"))
                .withShell("setpriv", "--bounding-set=-setpcap,-sys_admin", "sh");
        try (Lifeline lifeline = Lifeline.start(options)) {
            assertThat(statusOf(lifeline)).contains("NoNewPrivs:\t1", "CapEff:\t" + NONE);
        }
    }

    @Test
    void startsAProgramAsAnotherUserWhereTheKernelHasMoreCapabilitiesThanSetprivKnows() throws Exception {
        assumeRoot();
        Path bin = Files.createDirectory(temp.resolve("bin"));
        Path real = ProgramSearch.find("setpriv", System.getenv()).orElseThrow();
        Path old = Files.writeString(
                bin.resolve("setpriv"),
                "#!/bin/sh\n[ \"$1\" = --bounding-set=-all ] && exit 1\nexec " + real + " \"$@\"\n");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
        LifelineOptions options = LifelineOptions.of("user", temp.resolve("state"))
                .withEnvironment(Map.of("PATH", bin + ":" + System.getenv("PATH")));
        try (Lifeline lifeline = Lifeline.start(options)) {
            assertThat(statusOf(lifeline)).contains("NoNewPrivs:\t1", "CapEff:\t" + NONE);
        }
    }

    /** {@return the lines of /proc/PID/status of a program of nobody's, which then dies with the lifeline} */
    private static List<String> statusOf(Lifeline lifeline) throws Exception {
        String seconds = "3" + (System.nanoTime() % 1_000_000_000);
        lifeline.spawn(SpawnRequest.of("confined", List.of("sleep", seconds)).as(NOBODY));
        return Files.readAllLines(Path.of("/proc/" + Eventually.pidOf("sleep", seconds) + "/status"));
    }

    private static void assumeRoot() throws IOException {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        assumeTrue(root, "only root can change the user");
    }

    @Test
    void takesAProgramAlongWhileItIsBeingStarted() throws Exception {
        for (int i = 0; i < 20; i++) {
            String seconds = "3" + (System.nanoTime() % 1_000_000_000);
            try (Lifeline lifeline = Lifeline.start(LifelineOptions.of("race", temp.resolve("state" + i)))) {
                SupervisedProcess program = lifeline.spawn(SpawnRequest.of("program", List.of("sleep", seconds)));
                // At once: the program is still setpriv, or a shell, or not even that.
                ProcessHandle.of(lifeline.pid()).orElseThrow().destroyForcibly();

                assertThat(Eventually.dead(program.pid())).isLessThan(Duration.ofMillis(700));
                assertThat(LifelineTest.exitOf(program)).isEqualTo(137);
            }
        }
        assertThat(HostProcess.run(List.of("true"), Map.of(), Duration.ofSeconds(5))
                        .code())
                .isZero();
    }
}
