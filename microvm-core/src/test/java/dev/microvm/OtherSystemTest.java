/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.PreflightException;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a system that is not Linux everything is missing; one problem tells it all. */
class OtherSystemTest {
    private static final VmSpec SPEC = VmSpec.builder()
            .name("elsewhere")
            .boot(BootSource.hostRoot())
            .addShares(VirtiofsShare.of("home", Path.of("nowhere")))
            .build();

    private String real;

    @BeforeEach
    void remember() {
        real = System.getProperty("os.name");
    }

    @AfterEach
    void restore() {
        System.setProperty("os.name", real);
    }

    @Test
    void linuxWithoutProcIsNotTakenForAnotherSystem() {
        assertThatThrownBy(() ->
                        VmHost.builder().self(Path.of("/nowhere/proc/self")).build())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("/nowhere/proc/self");
    }

    /** macOS knows user ids and has no /proc: making the host failed there before anything could be told. */
    @ParameterizedTest
    @ValueSource(strings = {"Mac OS X", "Windows 11"})
    void onlyTheSystemIsToldWhereThereIsNoProc(String system) {
        System.setProperty("os.name", system);
        try (VmHost host = VmHost.builder()
                .self(Path.of("/nowhere/proc/self"))
                .environment(Map.of("PATH", "/nowhere"))
                .build()) {
            Preflight preflight = host.preflight(SPEC);
            assertThat(preflight.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.subject()).isEqualTo("host");
                assertThat(problem.detail()).contains(system, "Linux");
                assertThat(problem.cure()).contains("WSL 2", "Lima");
            });
            assertThat(preflight.ok()).isFalse();

            assertThatThrownBy(() -> host.start(SPEC))
                    .isInstanceOfSatisfying(
                            PreflightException.class,
                            failure -> assertThat(failure.problems()).isEqualTo(preflight.problems()))
                    .hasMessageContaining("1 problem found")
                    .hasMessageContaining("nothing was started");
        }
    }
}
