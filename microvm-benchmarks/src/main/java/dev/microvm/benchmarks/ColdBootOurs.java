/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.guest.ExecResult;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** One start in a fresh JVM, for {@link ColdBoot}: prints a line {@code NAME NANOSECONDS} for each part. */
final class ColdBootOurs {
    /** The parts that are no {@link dev.microvm.error.Phase}. */
    static final String LAUNCH = "launch";

    static final String SPEC = "spec";
    static final String CREATE = "create";
    static final String EXEC = "exec";
    static final String TOTAL = "total";

    private ColdBootOurs() {}

    /** {@return what is started, in both measurements; it stands here so that no other class of this program is loaded before the clock runs} */
    static VmSpec spec() {
        return VmSpec.builder()
                .name("cold-boot")
                .vcpus(1)
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .build();
    }

    /**
     * Starts a VM, runs {@code true} in it and stops it.
     *
     * @param arguments the wall-clock time at which this JVM was launched, in microseconds since 1970: two JVMs share no other clock
     */
    public static void main(String[] arguments) {
        long launched = Long.parseLong(arguments[0]);
        long launch = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - launched;
        long specBegin = System.nanoTime();
        VmSpec spec = spec();
        long begin = System.nanoTime();
        try (VmHost host = VmHost.create()) {
            long created = System.nanoTime();
            try (MicroVm vm = host.start(spec)) {
                long started = System.nanoTime();
                ExecResult result = vm.shell().exec("true");
                long end = System.nanoTime();
                ExecResult unused = result.orFail();
                print(LAUNCH, Duration.of(launch, ChronoUnit.MICROS).toNanos());
                print(SPEC, begin - specBegin);
                print(CREATE, created - begin);
                vm.phaseTimes().forEach((phase, time) -> print(phase.name(), time.toNanos()));
                print(EXEC, end - started);
                print(TOTAL, end - begin);
            }
        }
    }

    private static void print(String name, long nanos) {
        System.out.println(name + " " + nanos);
    }
}
