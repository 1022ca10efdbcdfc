/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.GuestCommandException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecRequestTest {
    @Test
    void hasTheDefaultsItPromises() {
        ExecRequest request = ExecRequest.of("make", "-j4");

        assertThat(request.command()).containsExactly("make", "-j4");
        assertThat(request.limit()).isEqualTo(Duration.ofSeconds(60));
        assertThat(request.workingFolder()).isEqualTo("/");
        assertThat(request.maxCapturedBytes()).isEqualTo(64 << 20);
        assertThat(request.withLimit(Duration.ofSeconds(1)).command()).containsExactly("make", "-j4");
        assertThat(ExecRequest.sh("a | b").command()).containsExactly("/bin/sh", "-c", "a | b");
    }

    @Test
    void refusesWhatTheGuestCouldNotRun() {
        assertThatThrownBy(ExecRequest::of).hasMessageContaining("must name a program");
        assertThatThrownBy(() -> ExecRequest.of("")).hasMessageContaining("must name a program");
        assertThatThrownBy(() -> ExecRequest.of("echo", "a\0b")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> ExecRequest.of("echo", "x".repeat(131_072))).hasMessageContaining("131072 bytes");
        assertThat(ExecRequest.of("echo", "x".repeat(131_071)).command()).hasSize(2);
        assertThatThrownBy(() -> ExecRequest.builder()
                        .addCommand("env")
                        .putEnvironment("a.b", "")
                        .build())
                .hasMessageContaining("a.b");
        assertThatThrownBy(() -> ExecRequest.builder()
                        .addCommand("env")
                        .workingFolder("here")
                        .build())
                .hasMessageContaining("must be absolute");
        assertThatThrownBy(() -> ExecRequest.of("true").withLimit(Duration.ZERO))
                .hasMessageContaining("limit");
    }

    @Test
    void aResultThatMustSucceedTellsWhatWasSaid() {
        ExecResult result = ExecResult.of(
                List.of("nix-store", "--load-db"),
                1,
                "out".getBytes(StandardCharsets.UTF_8),
                "error: no\n".getBytes(StandardCharsets.UTF_8),
                Duration.ofMillis(5));

        assertThat(result.isSuccess()).isFalse();
        assertThatThrownBy(result::orFail)
                .isInstanceOfSatisfying(
                        GuestCommandException.class,
                        e -> assertThat(e.exitCode()).isEqualTo(1))
                .hasMessageContaining("[nix-store, --load-db]")
                .hasMessageContaining("| error: no");
        assertThatThrownBy(() -> ExecResult.of(
                                List.of("x"),
                                127,
                                new byte[0],
                                "on stdout".getBytes(StandardCharsets.UTF_8),
                                Duration.ZERO)
                        .orFail())
                .hasMessageContaining("no such program");
    }
}
