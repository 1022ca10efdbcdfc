/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.error.MicroVmException;
import dev.microvm.error.Problem;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.HostServiceProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A host that is closed while one of its VMs has a service that does not end as it should. */
class VmHostIT {
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final VmHost host =
            VmHost.builder().withoutLookUp().addProvider(new ServiceOfTheSpec()).build();

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @AfterEach
    void letGo() {
        letGo.countDown();
    }

    private MicroVm start(String name, Runnable closing) {
        return host.start(VmSpec.builder()
                .name(name)
                .memoryMib(256)
                .boot(BootSource.hostRoot())
                .addExtensions(new WithService(closing))
                .build());
    }

    private void hang() {
        try {
            letGo.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void vmsThatCannotBeClosedDoNotKeepOthersRunningAndAreAllNamed() {
        MicroVm first = start("first", () -> {
            throw new IllegalStateException("the first will not go");
        });
        MicroVm second = start("second", () -> {
            throw new IllegalStateException("the second will not go");
        });
        MicroVm other = start("other", () -> {});

        MicroVmException failure = catchThrowableOfType(MicroVmException.class, host::close);

        assertThat(failure)
                .hasMessageContaining("\"first\" (" + first.stateFolder() + ")")
                .hasMessageContaining("\"second\" (" + second.stateFolder() + ")")
                .message()
                .doesNotContain("\"other\"");
        assertThat(failure.getSuppressed()).as("one is the cause").hasSize(1);
        assertThat(List.of(failure.getCause(), failure.getSuppressed()[0]))
                .extracting(one -> Throwables.getRootCause(one).getMessage())
                .containsExactlyInAnyOrder("the first will not go", "the second will not go");
        assertThat(List.of(first, second, other)).allSatisfy(VmHostIT::assertGone);

        assertThatCode(host::close).as("it is told once").doesNotThrowAnyException();
    }

    /** It threw on each call. */
    @Test
    void failedReleaseIsToldByTheFirstCloseAlone() {
        MicroVm sticky = start("sticky", () -> {
            throw new IllegalStateException("the service will not go");
        });

        assertThat(catchThrowableOfType(MicroVmException.class, sticky::close))
                .hasRootCauseMessage("the service will not go");
        sticky.close();
        host.close();
        assertGone(sticky);
    }

    @Test
    void oneVmThatHangsInItsEndDoesNotKeepOthersRunning() throws Exception {
        MicroVm stubborn = start("stubborn", this::hang);
        MicroVm other = start("other", () -> {});
        FutureTask<Object> closing = new FutureTask<>(host::close, "closed");
        new Thread(closing, "closing").start();

        assertThat(other.onExit()
                        .toCompletableFuture()
                        .get(40, TimeUnit.SECONDS)
                        .orderly())
                .isTrue();
        assertGone(other);
        assertThat(closing).as("the close waits for the stubborn one").isNotDone();

        letGo.countDown();
        assertThat(closing.get(20, TimeUnit.SECONDS)).isEqualTo("closed");
        assertGone(stubborn);
    }

    @Test
    void vmThatNeverEndsIsGivenUpWithinALimitAndNamed() {
        Requirements.full();
        MicroVm stubborn = start("stubborn", this::hang);
        long begin = System.nanoTime();

        MicroVmException failure = catchThrowableOfType(MicroVmException.class, host::close);

        assertThat(failure).hasMessageContaining("\"stubborn\"").hasCauseInstanceOf(VmTimeoutException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(75));
        assertThat(stubborn.isRunning()).isFalse();
    }

    private static void assertGone(MicroVm vm) {
        assertThat(vm.isRunning()).isFalse();
        assertThat(vm.stateFolder()).doesNotExist();
        assertThat(HostProcesses.describe(HostProcesses.naming(vm.stateFolder())))
                .isEmpty();
    }

    /** What to do when the VM's service is closed. */
    private record WithService(Runnable closing) implements SpecExtension {
        @Override
        public String kind() {
            return "with-service";
        }

        @Override
        public String providedBy() {
            return "org.example:with-service";
        }
    }

    private static final class ServiceOfTheSpec implements HostServiceProvider {
        @Override
        public boolean serves(String extensionKind) {
            return extensionKind.equals("with-service");
        }

        @Override
        public HostService serviceFor(SpecExtension extension, HostContext context) {
            return new HostService() {
                @Override
                public String name() {
                    return "service of " + context.spec().name();
                }

                @Override
                public List<Problem> check() {
                    return List.of();
                }

                @Override
                public void start(Duration limit) {}

                @Override
                public void close() {
                    ((WithService) extension).closing().run();
                }
            };
        }
    }
}
