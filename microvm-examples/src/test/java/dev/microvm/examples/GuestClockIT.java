/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.guest.GuestShell;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The measured rate of the time stamp counter: with a wrong one the guest's clock runs too fast or too slow. */
class GuestClockIT {
    private static final long SECONDS = 20;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    /** One reading: the guest's uptime, and the host's time around it. */
    private record Reading(double guest, double before, double after) {
        static Reading of(GuestShell shell) {
            double before = System.nanoTime() / 1e9;
            double guest = Double.parseDouble(
                    shell.exec("cat", "/proc/uptime").orFail().stdout().split(" ", 2)[0]);
            return new Reading(guest, before, System.nanoTime() / 1e9);
        }

        /** The reading with the shortest round trip of several is the sharpest. */
        static Reading sharpest(GuestShell shell) {
            Reading best = of(shell);
            for (int i = 0; i < 20; i++) {
                Reading next = of(shell);
                best = next.after - next.before < best.after - best.before ? next : best;
            }
            return best;
        }

        double host() {
            return (before + after) / 2;
        }
    }

    @Test
    void runsWithinHalfAPercentOfTheHostsOver20Seconds() {
        VmSpec spec = VmSpec.builder()
                .name("clock")
                .memoryMib(256)
                .boot(BootSource.hostRoot())
                .build();
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec)) {
            Reading first = Reading.sharpest(vm.shell());
            long end = System.nanoTime() + SECONDS * 1_000_000_000L;
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime()); // time itself is what is measured
            }
            Reading last = Reading.sharpest(vm.shell());

            double onHost = last.host() - first.host();
            assertThat(last.guest() - first.guest())
                    .as("seconds in the guest against %.3f on the host", onHost)
                    .isCloseTo(onHost, Percentage.withPercentage(0.5));
        }
    }
}
