/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Measures the rate of the time stamp counter as a guest under TCG sees it: {@link TscRom} writes the counter, the host notes when. A
 * Linux guest of machine type {@code microvm} must be told this rate, since it has nothing to calibrate against there; and it must be
 * right: a wrong one lets the guest's clock run fast or slow. The result is remembered for the boot of the host.
 */
public final class TscProbe {
    /** One run takes 0.5 s on an idle host; the limit lets a loaded one try again. */
    static final Duration LIMIT = Duration.ofSeconds(5);

    /** Good enough to stop at: 0.05 %, which no timeout notices. */
    private static final double GOOD_SPREAD = 0.0005;

    /** Not good enough to use: above 0.5 % the host was too busy to measure anything. */
    private static final double WORST_SPREAD = 0.005;

    private static final List<String> STAMPS_TO_STDOUT =
            List.of("-chardev", "stdio,id=stamps,signal=off", "-device", "isa-debugcon,iobase=0xe9,chardev=stamps");

    private final CacheFolder cache;
    private final ProbeResults results;
    private final ProgramRunner runner;
    private final String bootId;
    private final Path cpuinfo;

    TscProbe(CacheFolder cache, ProgramRunner runner, String bootId) {
        this(cache, runner, bootId, Path.of("/proc/cpuinfo"));
    }

    TscProbe(CacheFolder cache, ProgramRunner runner, String bootId, Path cpuinfo) {
        this.cache = cache;
        this.results = new ProbeResults(cache);
        this.runner = runner;
        this.bootId = bootId;
        this.cpuinfo = cpuinfo;
    }

    /**
     * {@return the rate, remembered or measured}
     *
     * @param qemu a QEMU for x86_64
     * @param machine the machine type to run the ROM on
     * @throws InterruptedException if the calling thread is interrupted
     */
    public Finding<TscRate> rate(QemuBinary qemu, MachineType machine) throws InterruptedException {
        Optional<TscRate> known = remembered();
        return known.isPresent() ? Finding.of(known.get()) : oneAtATime(qemu, machine);
    }

    private Optional<TscRate> remembered() {
        return results.find("tsc", List.of(bootId)).flatMap(TscRate::decode);
    }

    /** Many VMs often start together: two measurements at once disturb each other, and the second would find the first one's result. */
    private Finding<TscRate> oneAtATime(QemuBinary qemu, MachineType machine) throws InterruptedException {
        CacheLock lock;
        try {
            lock = cache.lock("tsc", LIMIT.multipliedBy(2));
        } catch (UncheckedIOException e) {
            System.getLogger(TscProbe.class.getName())
                    .log(System.Logger.Level.DEBUG, "measuring without the lock of the cache", e);
            return measure(qemu, machine);
        }
        try (lock) {
            Optional<TscRate> known = remembered();
            if (known.isPresent()) {
                return Finding.of(known.get());
            }
            Finding<TscRate> measured = measure(qemu, machine);
            if (measured.value().isPresent()) {
                results.remember("tsc", List.of(bootId), measured.value().get().encode());
            }
            return measured;
        }
    }

    /**
     * {@return the rate, measured now}
     *
     * @param qemu a QEMU for x86_64
     * @param machine the machine type to run the ROM on
     * @throws InterruptedException if the calling thread is interrupted
     */
    public Finding<TscRate> measure(QemuBinary qemu, MachineType machine) throws InterruptedException {
        long start = System.nanoTime();
        Optional<TscRate> best = Optional.empty();
        int runs = 0;
        String lastWords = "no run ended in time";
        try (ProbeRun probe = ProbeRun.with(TscRom.bytes())) {
            List<String> command = probe.command(qemu, Architecture.X86_64, machine, "tcg", "max", STAMPS_TO_STDOUT);
            Duration left = LIMIT;
            while (!left.isNegative() && !left.isZero() && !isGood(best)) {
                TscStamps stamps = new TscStamps();
                ProgramRunner.Outcome outcome = runner.run(command, left, stamps);
                runs++;
                lastWords = outcome.explained();
                Optional<TscRate> rate = stamps.rate();
                best = better(best, rate);
                boolean failed = outcome.exitCode().isPresent() && !outcome.exitedWith(TscRom.EXIT_CODE);
                left = failed ? Duration.ZERO : LIMIT.minusNanos(System.nanoTime() - start);
            }
        } catch (IOException e) {
            lastWords = String.valueOf(e.getMessage());
        }
        return judge(best, runs, lastWords);
    }

    private static boolean isGood(Optional<TscRate> rate) {
        return rate.isPresent() && rate.get().spread() <= GOOD_SPREAD;
    }

    private static Optional<TscRate> better(Optional<TscRate> one, Optional<TscRate> other) {
        return one.isEmpty()
                        || (other.isPresent()
                                && other.get().spread() < one.get().spread())
                ? other
                : one;
    }

    private Finding<TscRate> judge(Optional<TscRate> best, int runs, String lastWords) {
        String cure =
                "let the spec's machine be Q35, which needs no rate, use KVM, or try again when the host is less busy";
        if (best.isEmpty()) {
            return Finding.problem(
                    "tsc",
                    "the rate of the time stamp counter could not be measured in " + runs + " runs: " + lastWords,
                    cure);
        }
        TscRate rate = best.get().withKernelKhz(KernelTscKhz.read(cpuinfo));
        if (rate.spread() > WORST_SPREAD) {
            return Finding.problem(
                    "tsc",
                    String.format(
                            Locale.ROOT,
                            "the rate of the time stamp counter could not be measured well enough: %d kHz, but the estimates of the best of"
                                    + " %d runs lie %.2f %% apart",
                            rate.khz(),
                            runs,
                            100 * rate.spread()),
                    cure);
        }
        if (rate.contradictsKernel()) {
            System.getLogger(TscProbe.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "time stamp counter: measured {0} kHz, the host''s kernel works with {1} kHz; the measured rate is used",
                            String.valueOf(rate.khz()),
                            String.valueOf(rate.kernelKhz().getAsLong()));
        }
        return Finding.of(rate);
    }
}
