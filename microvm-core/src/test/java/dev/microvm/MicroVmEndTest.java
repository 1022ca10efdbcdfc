/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A VM on a host of its own ends by itself, and its caller may not be looking. */
class MicroVmEndTest {
    private final List<Throwable> warnings = new ArrayList<>();
    private final CompletableFuture<VmExit> exited = new CompletableFuture<>();
    private final AtomicBoolean hostClosed = new AtomicBoolean();

    @Test
    void releaseThatFailedIsLoggedOnce() {
        IllegalStateException cause = new IllegalStateException("could not undo: state folder");
        MicroVm.endWith(
                exited,
                () -> {
                    hostClosed.set(true);
                    throw new IllegalStateException("VMs that were not stopped in order", cause);
                },
                warnings::add);
        exited.completeExceptionally(cause);

        assertThat(hostClosed).isTrue();
        assertThat(warnings).containsExactly(cause);
    }

    @Test
    void hostThatCannotBeClosedIsLogged() {
        IllegalStateException cause = new IllegalStateException("threads");
        MicroVm.endWith(
                exited,
                () -> {
                    hostClosed.set(true);
                    throw cause;
                },
                warnings::add);
        exited.complete(new VmExit(VmExit.Rung.BY_ITSELF, 0, "guest-shutdown", Duration.ofSeconds(1)));

        assertThat(hostClosed).isTrue();
        assertThat(warnings).containsExactly(cause);
    }

    @Test
    void endInOrderIsNotWorthAWord() {
        MicroVm.endWith(exited, () -> hostClosed.set(true), warnings::add);
        exited.complete(new VmExit(VmExit.Rung.BY_ITSELF, 0, "guest-shutdown", Duration.ofSeconds(1)));

        assertThat(hostClosed).isTrue();
        assertThat(warnings).isEmpty();
    }
}
