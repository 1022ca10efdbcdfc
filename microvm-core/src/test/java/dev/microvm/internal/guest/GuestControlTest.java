/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.guest.Console;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.qemu.PortStream;
import dev.microvm.qmp.internal.transport.UnixTransport;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a real guest does not do; what it does is tested with one in the integration tests. */
@Timeout(30)
class GuestControlTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private OptionalLong qemuPid = OptionalLong.empty();
    private Path folder;
    private FakeGuest guest;
    private Console console;
    private GuestControl control;

    @BeforeEach
    void listen() throws IOException {
        folder = Files.createTempDirectory("mv");
        guest = new FakeGuest(folder);
        console = Console.follow(folder.resolve("console"), threads);
        listen(UnixTransport.Kind.JDK);
    }

    private void listen(UnixTransport.Kind kind) throws IOException {
        if (control != null) {
            control.close();
        }
        control = GuestControl.listen(
                guest.controlSocket(), guest::port, threads, gone, console, UnixTransport.choose(kind), () -> qemuPid);
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        control.close();
        console.close();
        guest.close();
        threads.shutdown();
        assertThat(threads.awaitTermination(5, TimeUnit.SECONDS))
                .as("threads have ended")
                .isTrue();
        BootedFolders.remove(folder);
    }

    private void hello() throws Exception {
        guest.begin();
        assertThat(control.awaitHello(LIMIT)).isEqualTo("root");
    }

    private CompletableFuture<ExecResult> exec() {
        return CompletableFuture.supplyAsync(
                () -> control.shell().exec(ExecRequest.of("true").withLimit(LIMIT)), threads);
    }

    @Test
    void aStepThatFailsTellsItsNameItsExitCodeAndWhatTheGuestSaid() throws Exception {
        hello();
        CompletableFuture<Void> step = CompletableFuture.runAsync(
                () -> {
                    try {
                        control.runStep(new MountPlan.Run("share \"data\"", "false"), LIMIT);
                    } catch (Exception e) {
                        throw new IllegalArgumentException(e);
                    }
                },
                threads);
        String id = guest.heard()[1];
        guest.say("out " + id + " no such device\ndone " + id + " 3\n");

        assertThatThrownBy(step::get)
                .rootCause()
                .isInstanceOfSatisfying(StepFailedException.class, failed -> {
                    assertThat(failed.step()).isEqualTo("share \"data\"");
                    assertThat(failed.exitCode()).isEqualTo(3);
                    assertThat(failed.output()).containsExactly("no such device");
                })
                .hasMessage("the guest failed at: share \"data\": no such device");
    }

    @Test
    void aLineOfTheGuestWithoutEndIsCut() throws Exception {
        hello();
        CompletableFuture<GuestControl.ScriptResult> script = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return control.run("true", LIMIT);
                    } catch (Exception e) {
                        throw new IllegalArgumentException(e);
                    }
                },
                threads);
        String begin = "out " + guest.heard()[1] + " ";
        guest.say(begin + "x".repeat(1 << 20) + "\n");
        guest.say(begin + "next\n" + begin.replace("out", "done") + "0\n");

        assertThat(script.get().output())
                .containsExactly("x".repeat(ControlConnection.LONGEST_LINE - begin.length()), "next");
    }

    @Test
    void aPortThatBreaksIsNotTheVmsEnd() throws Exception {
        hello();
        CompletableFuture<ExecResult> result = exec();
        SocketChannel out = guest.accept(PortStream.OUT);
        SocketChannel err = guest.accept(PortStream.ERR);
        String[] exec = guest.heard();
        guest.say("started " + exec[1] + " 77\n");
        FakeGuest.write(out, exec[4] + "so far\n");
        err.close();
        assertThat(guest.heard()).containsExactly("signal", exec[1], "KILL");
        assertThat(result).isNotDone();
        guest.say("sent " + exec[1] + "\n");

        assertThatThrownBy(result::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one of its streams broke")
                .hasMessageContaining("port slot0-err")
                .hasMessageContaining("so far");
    }

    @Test
    void portsThatBreakWithTheControlConnectionAreTheVmsEnd() throws Exception {
        hello();
        CompletableFuture<ExecResult> result = exec();
        SocketChannel out = guest.accept(PortStream.OUT);
        SocketChannel err = guest.accept(PortStream.ERR);
        guest.say("started " + guest.heard()[1] + " 77\n");
        out.close();
        err.close();
        guest.close();

        assertThatThrownBy(result::get).cause().isInstanceOf(VmExitedException.class);
    }

    @Test
    void aCommandAfterTheVmsEndIsNotSaidToHaveRun() throws Exception {
        hello();
        guest.close();
        gone.complete("QEMU ended with exit code 1");

        // The connection may be seen to break first; the VM's owner knows better.
        VmQuotes quotes = new VmQuotes(List::of, () -> "feed it", List::of, List::of, gone);
        assertThatThrownBy(() -> control.shell(quotes).exec("true"))
                .isInstanceOf(VmExitedException.class)
                .hasMessageContaining("[true] was not started: the VM has gone: QEMU ended with exit code 1")
                .hasMessageContaining("hint: feed it")
                .hasMessageNotContaining("while");
    }

    /** GLib puts its program in brackets, which once was taken for the name of a service. */
    @Test
    void everyLineOfQemuIsTaggedAlsoOneInBrackets() {
        String ofService = "(virtiofsd shared) killed";
        String ofGlib = "(process:123): GLib-WARNING **: unexpected end";
        VmQuotes quotes =
                new VmQuotes(() -> List.of(ofService), () -> "", () -> List.of(ofGlib, "(qux) bye"), List::of, gone);

        assertThat(new ExecFailures(console, quotes)
                        .noSlot(ExecRequest.of("true"), 0, 8, Duration.ofSeconds(1))
                        .report()
                        .stderrTail())
                .containsExactly(ofService, "(qemu) " + ofGlib, "(qemu) (qux) bye");
    }

    @Test
    void withAllSlotsInUseTheCureIsToWait() {
        VmTimeoutException inUse =
                new ExecFailures(console, VmQuotes.none()).noSlot(ExecRequest.of("true"), 0, 8, Duration.ofSeconds(1));
        VmTimeoutException held =
                new ExecFailures(console, VmQuotes.none()).noSlot(ExecRequest.of("true"), 3, 8, Duration.ofSeconds(1));

        assertThat(inUse)
                .hasMessageContaining("8 commands run at once, and 8 are running")
                .hasMessageContaining("wait");
        assertThat(held).hasMessageContaining("3 of 8 slots are held").hasMessageContaining("redirect the streams");
    }

    @Test
    void anotherProcessThanQemuIsRefusedAtTheControlSocket() throws Exception {
        listen(UnixTransport.Kind.JUNIXSOCKET);
        qemuPid = OptionalLong.of(1);
        guest.begin();

        assertThatThrownBy(() -> control.awaitHello(LIMIT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("\"control\" was answered by process "
                        + ProcessHandle.current().pid() + ", not by QEMU (pid 1)");
    }

    @Test
    void anotherProcessThanQemuIsRefusedAtAPort() throws Exception {
        listen(UnixTransport.Kind.JUNIXSOCKET);
        qemuPid = OptionalLong.of(ProcessHandle.current().pid());
        hello();
        qemuPid = OptionalLong.of(1);

        assertThatThrownBy(() -> control.shell().exec("true"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("[true] was not started")
                .hasMessageContaining("\"slot0-out\" was answered by process "
                        + ProcessHandle.current().pid() + ", not by QEMU (pid 1)");
    }
}
