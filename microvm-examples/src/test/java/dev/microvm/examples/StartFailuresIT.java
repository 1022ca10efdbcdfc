/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.microvm.LaunchOptions;
import dev.microvm.VmHost;
import dev.microvm.error.FailureReport;
import dev.microvm.error.MicroVmException;
import dev.microvm.error.Phase;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmStartException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest that panics, one that hangs in boot and one that never answers: three different errors, each within its limit. */
class StartFailuresIT {
    private static final Duration AGENT_LIMIT = Duration.ofSeconds(4);
    /** For guests that must come as far as their failure, on a loaded machine too. */
    private static final Duration PATIENT = Duration.ofSeconds(30);

    private static final Duration KERNEL_LIMIT = Duration.ofSeconds(1);

    private Path states;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @BeforeEach
    void makeStateRoot() throws Exception {
        states = Files.createTempDirectory("mv-it-");
        Files.setPosixFilePermissions(states, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        assertThat(HostProcesses.describe(HostProcesses.naming(states))).isEmpty();
        assertThat(states)
                .satisfiesAnyOf(
                        path -> assertThat(path).doesNotExist(),
                        path -> assertThat(path).isEmptyDirectory());
        Files.deleteIfExists(states);
    }

    private static VmSpec.Builder spec() {
        return VmSpec.builder().name("failing").memoryMib(256).boot(BootSource.hostRoot());
    }

    private <T extends MicroVmException> T failureOf(Class<T> type, VmSpec spec) {
        return failureOf(type, spec, AGENT_LIMIT);
    }

    private <T extends MicroVmException> T failureOf(Class<T> type, VmSpec spec, Duration agentLimit) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("MICROVM_STATE", states.toString());
        LaunchOptions options = LaunchOptions.builder()
                .kernelLimit(KERNEL_LIMIT)
                .agentLimit(agentLimit)
                .build();
        try (VmHost host = VmHost.builder().environment(environment).build()) {
            T failure =
                    catchThrowableOfType(type, () -> host.start(spec, options).close());
            assertThat(failure).as("the start fails").isNotNull();
            FailureReport report = failure.report();
            assertThat(report.commandLine()).contains("-kernel");
            if (!(failure instanceof VmStartException)) {
                assertThat(report.hint()).isNotBlank();
            }
            assertThat(failure.getMessage()).contains("phase: " + report.phase());
            return failure;
        }
    }

    @Test
    void panickedGuestIsToldAsSuch() {
        VmExitedException failure = failureOf(
                VmExitedException.class,
                spec().addKernelParameters("rdinit=/nothing").build(),
                PATIENT);

        assertThat(failure).hasMessageContaining("panicked");
        assertThat(failure.report().consoleTail()).anyMatch(line -> line.contains("Kernel panic - not syncing"));
        assertThat(failure.report().elapsed()).isLessThan(PATIENT.multipliedBy(LaunchOptions.TCG_FACTOR));
    }

    @Test
    void kernelThatHangsBeforeItsFirstWordRunsIntoTheKernelLimit() {
        // A stopped processor is what the hang in the first steps of a kernel looks like from outside.
        VmTimeoutException failure = failureOf(
                VmTimeoutException.class, spec().addExtraQemuArguments("-S").build());

        assertThat(failure.report().phase()).isEqualTo(Phase.KERNEL);
        assertThat(failure.report().consoleTail()).isEmpty();
        assertWithin(failure, KERNEL_LIMIT);
    }

    @Test
    void kernelThatHangsAfterItsFirstWordsIsToldByThem() {
        Duration limit = Duration.ofSeconds(1);
        VmTimeoutException failure = failureOf(
                VmTimeoutException.class,
                // Without this library's measured rate a stock kernel waits for a timer that this machine has not.
                spec().accelerator(Accelerator.TCG)
                        .addKernelParameters("tsc_early_khz=0")
                        .build(),
                limit);

        assertThat(failure.report().phase()).isEqualTo(Phase.AGENT);
        assertThat(failure.report().consoleTail())
                .anyMatch(line -> line.contains("tsc:"))
                .noneMatch(line -> line.contains("Run /init"));
        assertThat(failure.report().hint()).contains("console's last lines");
        assertWithin(failure, limit);
    }

    @Test
    void guestThatNeverAnswersRunsIntoTheAgentLimit() {
        VmTimeoutException failure = failureOf(
                VmTimeoutException.class,
                spec().addKernelParameters("rdinit=/run/microvm/busybox", "--", "sleep", "1000")
                        .build());

        assertThat(failure.report().phase()).isEqualTo(Phase.AGENT);
        assertThat(failure.report().consoleTail()).isNotEmpty();
        assertWithin(failure, AGENT_LIMIT);
    }

    @Test
    void mountThatTheGuestRefusesIsToldWithEverythingAroundIt() throws Exception {
        Path data = Files.createDirectory(states.resolveSibling(states.getFileName() + "-data"));
        try {
            VmStartException failure = failureOf(
                    VmStartException.class,
                    // A file of the host's root is in the way, which only the guest can find out.
                    spec().addShares(NinePShare.of("data", data)
                                    .mountedAt("/etc/passwd/data")
                                    .asReadOnly())
                            .build(),
                    PATIENT);

            assertThat(failure).hasMessageContaining("/etc/passwd/data");
            assertThat(failure.report().phase()).isEqualTo(Phase.MOUNTS);
            assertThat(failure.report().consoleTail()).isNotEmpty();
        } finally {
            Files.delete(data);
        }
    }

    private static void assertWithin(MicroVmException failure, Duration limit) {
        assertThat(failure.report().elapsed())
                .as("the limit, which TCG takes %d times, and what came before it", LaunchOptions.TCG_FACTOR)
                .isLessThan(limit.multipliedBy(LaunchOptions.TCG_FACTOR).plusSeconds(15));
        assertThat(failure.report().phaseElapsed())
                .as("the phase's own time")
                .isGreaterThanOrEqualTo(limit)
                .isLessThan(limit.multipliedBy(LaunchOptions.TCG_FACTOR).plusSeconds(2))
                .isLessThan(failure.report().elapsed());
        assertThat(failure)
                .hasMessageContaining("phase: %s, after %d ms in it and %d ms in all"
                        .formatted(
                                failure.report().phase(),
                                failure.report().phaseElapsed().toMillis(),
                                failure.report().elapsed().toMillis()));
    }
}
