/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.qmp.internal.transport.UnixTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExecSlotsTest {
    private final ExecSlots slots = new ExecSlots(
            2,
            (slot, stream) -> Path.of("/no/socket"),
            UnixTransport.choose(UnixTransport.Kind.JDK),
            task -> {
                throw new AssertionError("no slot is connected here");
            },
            new QemuPeer(OptionalLong::empty));

    private ExecSlot acquire(Duration limit) throws InterruptedException {
        return slots.acquire(limit.toNanos()).orElseThrow();
    }

    @Test
    void takesTheOneUsedLongestAgo() throws InterruptedException {
        ExecSlot first = acquire(Duration.ZERO);
        slots.release(first);

        ExecSlot second = acquire(Duration.ZERO);
        assertThat(second.number()).isNotEqualTo(first.number());
        assertThat(acquire(Duration.ZERO).number()).isEqualTo(first.number());
        assertThat(slots.acquire(0)).isEmpty();
    }

    @Test
    void aWaitEndsWhenOneIsGivenBack() throws Exception {
        acquire(Duration.ZERO);
        ExecSlot second = acquire(Duration.ZERO);
        CompletableFuture<ExecSlot> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return acquire(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        slots.release(second);

        assertThat(waiting.get(5, TimeUnit.SECONDS)).isSameAs(second);
    }

    @Test
    void oneSetAsideIsTriedAgainOnlyWhenNoOtherIsFreeAndNotAtOnce() throws InterruptedException {
        ExecSlot held = acquire(Duration.ZERO);
        slots.setAside(held);
        assertThat(slots.heldByLeftovers()).isEqualTo(1);

        ExecSlot other = acquire(Duration.ZERO);
        assertThat(other).isNotSameAs(held);
        slots.release(other);
        assertThat(acquire(Duration.ZERO)).isSameAs(other);
        assertThat(slots.acquire(Duration.ofMillis(10).toNanos())).isEmpty();
        assertThat(acquire(Duration.ofSeconds(10))).isSameAs(held);
    }
}
