/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.GuestCommandException;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestInput;
import dev.microvm.guest.GuestProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The standard streams of commands in a real guest. */
class GuestStreamsIT extends OneBootedGuest {
    @Test
    void keepsExitCodeAndBothStreamsApart() {
        ExecResult result = shell.sh("echo out; echo err >&2; exit 7");

        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
        assertThatThrownBy(result::orFail)
                .isInstanceOf(GuestCommandException.class)
                .hasMessageContaining("exit code 7")
                .hasMessageContaining("| err");
    }

    @Test
    void standardStreamsCanBeOpenedAgainByName() {
        ExecResult result = shell.exec(ExecRequest.sh("cat /dev/stdin; echo err >/dev/stderr; echo out >/dev/stdout")
                .withStdin(GuestInput.text("in ")));

        assertThat(result.orFail().stdout()).isEqualTo("in out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }

    @Test
    void aMebibyteOfInputArrives() throws NoSuchAlgorithmException {
        byte[] data = new byte[1 << 20];
        new Random(1).nextBytes(data);
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        ExecRequest request = ExecRequest.of("sha256sum").withStdin(GuestInput.bytes(data));

        assertThat(shell.exec(request).orFail().stdout()).startsWith(sum);
        assertThat(shell.exec(ExecRequest.of("cat").withStdin(GuestInput.bytes(data)))
                        .orFail()
                        .stdoutBytes())
                .isEqualTo(data);
    }

    @Test
    void inputThatIsNotReadHarmsNobody() {
        byte[] data = new byte[4 << 20];
        for (int i = 0; i < 9; i++) {
            assertThat(shell.exec(ExecRequest.of("true").withStdin(GuestInput.bytes(data)))
                            .exitCode())
                    .isZero();
        }
        assertThat(shell.exec(ExecRequest.of("cat").withStdin(GuestInput.text("next")))
                        .stdout())
                .isEqualTo("next");
        assertThat(shell.exec(ExecRequest.of("cat").withStdin(GuestInput.text("")))
                        .stdout())
                .isEmpty();
        assertThat(shell.exec("cat").stdout()).isEmpty();
    }

    @Test
    void megabytesOfOutputArrive() {
        long start = System.nanoTime();
        ExecResult result = shell.exec("head", "-c", "26000000", "/dev/zero").orFail();
        BootedGuest.say("26 MB of output: " + (System.nanoTime() - start) / 1_000_000 + " ms");

        assertThat(Arrays.equals(result.stdoutBytes(), new byte[26_000_000])).isTrue();
    }

    @Test
    void outputPastTheLimitIsCountedAndNotKept() {
        ExecResult result = shell.exec(ExecRequest.builder()
                .addCommand("seq", "1", "1000")
                .maxCapturedBytes(4)
                .build());

        assertThat(result.stdout()).isEqualTo("1\n2\n");
        assertThat(result.droppedBytes()).isEqualTo(3893 - 4);
    }

    @Test
    void bytesAreNotInterpreted() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }

        ExecResult result = shell.exec(ExecRequest.of("cat").withStdin(GuestInput.bytes(all)));

        assertThat(result.stdoutBytes()).isEqualTo(all);
    }

    @Test
    void lateOutputOfALeftoverGoesToNobody() {
        shell.sh("( sleep 0.3; echo late; echo late >&2 ) & echo early").orFail();

        for (int i = 0; i < 10; i++) {
            ExecResult result = shell.sh("sleep 0.1; echo mine");
            assertThat(result.stdout()).isEqualTo("mine\n");
            assertThat(result.stderr()).isEmpty();
        }
    }

    @Test
    void linesComeWhileTheCommandRuns() throws InterruptedException {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        GuestInput talk = out -> {
            try {
                for (String answer = answers.take(); !answer.isEmpty(); answer = answers.take()) {
                    out.write(answer.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        GuestProcess process = shell.start(ExecRequest.builder()
                .addCommand("/bin/sh", "-c", "while read -r line; do echo \"got $line\"; done; printf end")
                .stdin(talk)
                .stdoutLines(lines::add)
                .build());

        for (String word : List.of("one", "two")) {
            answers.add(word + "\n");
            assertThat(lines.poll(30, TimeUnit.SECONDS)).isEqualTo("got " + word);
        }
        answers.add("");
        assertThat(process.await(Duration.ofSeconds(30)).stdout()).isEqualTo("got one\ngot two\nend");
        assertThat(lines).containsExactly("end");
    }

    @Test
    void aSinkThatThrowsEndsTheCommand() {
        ExecRequest request = ExecRequest.builder()
                .addCommand("yes")
                .maxCapturedBytes(0)
                .stdoutTo(new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw new IOException("disk full");
                    }
                })
                .build();

        assertThatThrownBy(() -> shell.exec(request))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("disk full");
    }

    @Test
    void anErrorOfASinkEndsTheCommandAndNotTheVm() {
        ExecRequest request = ExecRequest.builder()
                .addCommand("yes")
                .maxCapturedBytes(0)
                .stdoutLines(line -> assertThat(line).isEqualTo("no"))
                .build();

        assertThatThrownBy(() -> shell.exec(request))
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(AssertionError.class);
        assertThatThrownBy(() ->
                        shell.start(request).onExit().toCompletableFuture().join())
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasRootCauseInstanceOf(AssertionError.class);
        assertThat(shell.exec("echo", "alive").stdout()).isEqualTo("alive\n");
    }

    @Test
    void anErrorOfAnInputEndsTheCommand() {
        ExecRequest request = ExecRequest.of("cat").withStdin(out -> {
            throw new AssertionError("no input");
        });

        assertThatThrownBy(() -> shell.exec(request))
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(AssertionError.class);
    }

    @Test
    void anInputThatCannotBeReadEndsTheCommand() {
        ExecRequest request = ExecRequest.of("cat").withStdin(GuestInput.file(Path.of("/no/such/file")));

        assertThatThrownBy(() -> shell.exec(request))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("/no/such/file");
    }

    @Test
    void aUserOtherThanRootCanWriteToItsStandardStreamsByName() {
        ExecResult result = shell.exec(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "sh",
                "-c",
                "echo err >/dev/stderr; id -u >/dev/stdout");

        assertThat(result.orFail().stdout()).isEqualTo("65534\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }
}
