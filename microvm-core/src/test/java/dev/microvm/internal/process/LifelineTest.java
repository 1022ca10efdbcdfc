/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spi.ServiceFailedException;
import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LifelineTest {
    static final String STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.1; done";

    @TempDir
    Path temp;

    @AfterEach
    void leavesNoThread() {
        Eventually.noThreadNamed("microvm-t-");
    }

    private LifelineOptions options() {
        return LifelineOptions.of("t", temp.resolve("state")).withGrace(Duration.ofMillis(200));
    }

    private static SupervisedProcess sleep(Lifeline lifeline, String name) throws InterruptedException {
        return lifeline.spawn(SpawnRequest.of(name, List.of("sleep", "300")));
    }

    static int exitOf(SupervisedProcess program) throws Exception {
        return program.exit().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static void awaitOutput(Lifeline lifeline, String file, String text) {
        Eventually.is(
                text + " in " + file,
                () -> OutputTail.ofFile(lifeline.stateFolder().resolve(file), 5).contains(text));
    }

    @Test
    void ownsTheStateFolder() throws Exception {
        Path state;
        try (Lifeline lifeline = Lifeline.start(options())) {
            state = lifeline.stateFolder();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                    .isEqualTo("rwx------");
            Files.createDirectories(state.resolve("a/b"));
            Files.writeString(state.resolve("a/b/c"), "x");
        }

        assertThat(state).doesNotExist();
    }

    @Test
    void runsInASessionOfItsOwn() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            String[] stat = Files.readString(Path.of("/proc/" + lifeline.pid() + "/stat"))
                    .split(" ", -1);

            assertThat(stat[5]).as("session").isEqualTo(Long.toString(lifeline.pid()));
        }
    }

    @Test
    void tearsDownInReverseOrder() throws Exception {
        Lifeline lifeline = Lifeline.start(options().withGrace(Duration.ofSeconds(5)));
        Path log = temp.resolve("log");
        for (String name : List.of("first", "second", "third")) {
            lifeline.spawn(SpawnRequest.of(
                    name,
                    List.of(
                            "sh",
                            "-c",
                            "trap 'echo " + name + " >> " + log
                                    + "; exit 0' TERM; echo up; while :; do sleep 0.02; done")));
            awaitOutput(lifeline, name + ".stdout", "up");
        }
        lifeline.close();

        assertThat(log).hasContent("third\nsecond\nfirst");
    }

    @Test
    void killsWhatIgnoresTerm() throws Exception {
        Lifeline lifeline = Lifeline.start(options());
        SupervisedProcess polite = sleep(lifeline, "polite");
        SupervisedProcess stubborn = lifeline.spawn(SpawnRequest.of("stubborn", List.of("sh", "-c", STUBBORN)));
        awaitOutput(lifeline, "stubborn.stdout", "up");
        lifeline.close();

        assertThat(exitOf(polite)).isEqualTo(143);
        assertThat(exitOf(stubborn)).isEqualTo(137);
        assertThat(lifeline.onExit().toCompletableFuture().get(1, TimeUnit.SECONDS))
                .isZero();
        assertThat(lifeline.stateFolder()).doesNotExist();
    }

    @Test
    void tellsHowEachProgramEnds() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            assertThat(exitOf(lifeline.spawn(SpawnRequest.of("ok", List.of("true")))))
                    .isZero();
            assertThat(exitOf(lifeline.spawn(SpawnRequest.of("seven", List.of("sh", "-c", "exit 7")))))
                    .isEqualTo(7);
            assertThat(exitOf(lifeline.spawn(SpawnRequest.of("killed", List.of("sh", "-c", "kill -9 $$")))))
                    .isEqualTo(137);
            assertThat(exitOf(lifeline.spawn(SpawnRequest.of("folder", List.of("sh", "-c", "exec /")))))
                    .isEqualTo(126);
        }
    }

    @Test
    void stopsOneProgramAlone() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            SupervisedProcess other = sleep(lifeline, "other");
            SupervisedProcess polite = sleep(lifeline, "polite");
            SupervisedProcess stubborn = lifeline.spawn(SpawnRequest.of("stubborn", List.of("sh", "-c", STUBBORN)));
            awaitOutput(lifeline, "stubborn.stdout", "up");

            assertThat(polite.isAlive()).isTrue();
            polite.stop(Duration.ofSeconds(10));
            stubborn.stop(Duration.ofMillis(100));
            stubborn.stop(Duration.ofMillis(100));

            assertThat(exitOf(polite)).isEqualTo(143);
            assertThat(exitOf(stubborn)).isEqualTo(137);
            assertThat(polite.isAlive()).isFalse();
            assertThat(other.isAlive()).isTrue();
        }
    }

    @Test
    void stopsWhatAProgramHasStartedToo() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            SupervisedProcess program = lifeline.spawn(
                    SpawnRequest.of("parent", List.of("sh", "-c", "sleep 300 & echo $!; echo up; wait")));
            awaitOutput(lifeline, "parent.stdout", "up");
            long child = Long.parseLong(OutputTail.ofFile(lifeline.stateFolder().resolve("parent.stdout"), 2)
                    .get(0));
            program.stop(Duration.ofSeconds(5));

            Eventually.dead(child);
            assertThat(exitOf(program)).isEqualTo(143);
        }
    }

    @Test
    void givesAProgramAnEmptyInputFilesForItsOutputAndNoOtherDescriptor() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options().withEnvironment(Map.of("FROM_LIFELINE", "1")))) {
            SupervisedProcess program = lifeline.spawn(SpawnRequest.of(
                            "program",
                            List.of(
                                    "sh",
                                    "-c",
                                    "cat; echo \"$FROM_LIFELINE $OWN\"; pwd; ls /proc/$$/fd; echo oops >&2"))
                    .withEnvironment(Map.of("OWN", "it's \"2\"\n")));
            assertThat(exitOf(program)).isZero();

            assertThat(lifeline.stateFolder().resolve("program.stdout"))
                    .hasContent("1 it's \"2\"\n\n" + Path.of("").toAbsolutePath() + "\n0\n1\n2\n");
            assertThat(program.stderrTail()).containsExactly("oops");
            assertThat(program.stderrFile()).isEqualTo(lifeline.stateFolder().resolve("program.stderr"));
        }
    }

    @Test
    void saysThatAProgramIsMissing() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            assertThatThrownBy(() -> lifeline.spawn(SpawnRequest.of("x", List.of("no-such-program"))))
                    .isInstanceOf(ServiceFailedException.class)
                    .hasMessageContaining("no program \"no-such-program\"");
            assertThatThrownBy(() -> lifeline.spawn(SpawnRequest.of("y", List.of("/etc/passwd"))))
                    .isInstanceOf(ServiceFailedException.class);
            assertThat(exitOf(sleepless(lifeline, "x"))).isZero();
        }
    }

    private static SupervisedProcess sleepless(Lifeline lifeline, String name) throws InterruptedException {
        return lifeline.spawn(SpawnRequest.of(name, List.of("true")));
    }

    @Test
    void refusesANameTwice() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            exitOf(sleepless(lifeline, "one"));

            assertThatThrownBy(() -> sleepless(lifeline, "one"))
                    .isInstanceOf(ServiceFailedException.class)
                    .hasMessageContaining("of that name before");
        }
    }

    @Test
    void takesEveryProgramAlongWhenItIsKilled() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            SupervisedProcess polite = sleep(lifeline, "polite");
            SupervisedProcess stubborn = lifeline.spawn(SpawnRequest.of("stubborn", List.of("sh", "-c", STUBBORN)));
            awaitOutput(lifeline, "stubborn.stdout", "up");
            ProcessHandle.of(lifeline.pid()).orElseThrow().destroyForcibly();

            assertThat(Eventually.dead(polite.pid(), stubborn.pid())).isLessThan(Duration.ofMillis(500));
            assertThat(exitOf(polite)).isEqualTo(137);
            assertThat(exitOf(stubborn)).isEqualTo(137);
            assertThat(lifeline.onExit().toCompletableFuture().get(5, TimeUnit.SECONDS))
                    .isEqualTo(137);
            assertThat(lifeline.stateFolder()).doesNotExist();
            assertThatThrownBy(() -> sleep(lifeline, "late"))
                    .isInstanceOf(ServiceFailedException.class)
                    .hasMessageContaining("has ended");
        }
    }

    @Test
    void canBeClosedFromWhatHangsOnAnExit() throws Exception {
        Lifeline lifeline = Lifeline.start(options());
        CompletableFuture<Void> closed =
                sleep(lifeline, "a").exit().thenRun(lifeline::close).toCompletableFuture();
        ProcessHandle.of(lifeline.pid()).orElseThrow().destroyForcibly();

        closed.get(5, TimeUnit.SECONDS);
        assertThat(lifeline.stateFolder()).doesNotExist();
    }

    @Test
    void keepsTheStateFolderOnRequest() throws Exception {
        for (boolean killed : new boolean[] {false, true}) {
            Path state = temp.resolve("kept" + killed);
            try (Lifeline lifeline = Lifeline.start(LifelineOptions.of("t", state))) {
                lifeline.keepStateFolder();
                if (killed) {
                    ProcessHandle.of(lifeline.pid()).orElseThrow().destroyForcibly();
                    lifeline.onExit().toCompletableFuture().get(5, TimeUnit.SECONDS);
                }
            }
            assertThat(state).isDirectory();
        }
    }

    @Test
    void ignoresTheSignalsOfATerminal() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            SupervisedProcess program = sleep(lifeline, "program");
            for (String signal : List.of("PIPE", "HUP", "INT", "TERM")) {
                HostProcess.run(
                        List.of("sh", "-c", "kill -" + signal + " " + lifeline.pid()), Map.of(), Duration.ofSeconds(5));
            }

            assertThat(exitOf(sleepless(lifeline, "another"))).isZero();
            assertThat(program.isAlive()).isTrue();
        }
    }

    @Test
    void saysWhatAStartLacks() throws IOException {
        Path bin = Files.createDirectory(temp.resolve("bin"));
        Path fake =
                Files.writeString(bin.resolve("setpriv"), "#!/bin/sh\necho \"unrecognized option: $1\" >&2\nexit 1\n");
        Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwxr-xr-x"));
        String path = bin + ":" + System.getenv("PATH");

        assertThatThrownBy(() -> Lifeline.start(options().withEnvironment(Map.of("PATH", bin.toString()))))
                .isInstanceOf(ServiceFailedException.class)
                .hasMessageContaining("no program \"setsid\"");
        assertThatThrownBy(() -> Lifeline.start(options().withEnvironment(Map.of("PATH", path))))
                .isInstanceOfSatisfying(ServiceFailedException.class, e -> {
                    assertThat(e.stderrTail()).containsExactly("unrecognized option: --pdeathsig");
                    assertThat(e.hint()).contains("util-linux");
                });
        assertThat(temp.resolve("state")).doesNotExist();
    }

    @Test
    void takesTheEnvironmentItIsGiven() throws Exception {
        Map<String, String> given = Map.of("PATH", System.getenv("PATH"), "GIVEN", "1");
        try (Lifeline lifeline = Lifeline.start(options().withBaseEnvironment(given))) {
            SupervisedProcess program = lifeline.spawn(SpawnRequest.of("program", List.of("env")));
            assertThat(exitOf(program)).isZero();

            assertThat(Files.readAllLines(lifeline.stateFolder().resolve("program.stdout")))
                    .contains("GIVEN=1")
                    .noneMatch(line -> line.startsWith("HOME="));
        }
        assertThatThrownBy(() -> Lifeline.start(options().withBaseEnvironment(Map.of("PATH", "/nowhere"))))
                .isInstanceOf(ServiceFailedException.class)
                .hasMessageContaining("/nowhere");
    }

    @Test
    void leavesAFolderAloneThatItDidNotMake() throws Exception {
        Path mine = Files.createDirectory(temp.resolve("state"));

        Path file = Files.writeString(mine.resolve("lifeline.stderr"), "words of another");

        assertThatThrownBy(() -> Lifeline.start(options())).isInstanceOfSatisfying(ServiceFailedException.class, e -> {
            assertThat(e).hasMessageContaining("it cannot make the state folder " + mine);
            assertThat(e.stderrTail()).singleElement().asString().contains("File exists");
            assertThat(e.hint()).isEmpty();
        });
        assertThat(mine).isDirectoryContaining(file::equals);
    }

    @Test
    void cutsThePowerWhereThereIsNoGrace() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            SupervisedProcess polite = lifeline.spawn(SpawnRequest.of(
                    "polite", List.of("sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.02; done")));
            awaitOutput(lifeline, "polite.stdout", "up");
            polite.stop(Duration.ZERO);

            assertThat(exitOf(polite)).isEqualTo(137);
        }
    }

    @Test
    void tellsOfItsOwnDeathBeforeThatOfItsPrograms() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            for (int i = 0; i < 500; i++) {
                Files.createFile(lifeline.stateFolder().resolve("slow-to-remove-" + i));
            }
            SupervisedProcess program = sleep(lifeline, "program");
            List<String> heard = new CopyOnWriteArrayList<>();
            var unused = lifeline.onExit().thenAccept(code -> heard.add("lifeline " + code));
            CompletableFuture<Void> all = program.exit()
                    .thenAccept(code -> heard.add("program " + code))
                    .toCompletableFuture();
            ProcessHandle.of(lifeline.pid()).orElseThrow().destroyForcibly();
            all.get(20, TimeUnit.SECONDS);

            assertThat(heard).containsExactly("lifeline 137", "program 137");
        }
    }

    @Test
    void saysNothingWrongOfAProgramWhoseStartWasInterrupted() throws Exception {
        LifelineTest.class
                .getModule()
                .addReads(ModuleLayer.boot().findModule("java.logging").orElseThrow());
        try (Warnings warnings = new Warnings()) {
            try (Lifeline lifeline = Lifeline.start(options())) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> sleep(lifeline, "program")).isInstanceOf(InterruptedException.class);
                // answered after the program, so its end has been seen to by then
                assertThat(exitOf(sleepless(lifeline, "another"))).isZero();
            }

            assertThat(warnings.messages()).isEmpty();
        }
    }

    @Test
    void runsWhatHangsOnAnExitWhereItMayWait() throws Exception {
        try (Lifeline lifeline = Lifeline.start(options())) {
            SupervisedProcess second = sleep(lifeline, "second");
            SupervisedProcess first = sleep(lifeline, "first");
            CompletableFuture<Void> chain = first.exit()
                    .thenAccept(code -> second.stop(Duration.ofSeconds(5)))
                    .toCompletableFuture();
            first.stop(Duration.ofSeconds(5));

            chain.get(10, TimeUnit.SECONDS);
            assertThat(exitOf(second)).isEqualTo(143);
        }
    }
}
