/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.microvm.spec.MachineType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TscStampsTest {
    /** What a busy host makes of perfect stamps: always some microseconds, and often many milliseconds, too late. */
    private static List<TscStamps.Stamp> stamps(long khz, double lateShare, Random random) {
        List<TscStamps.Stamp> stamps = new ArrayList<>();
        for (int i = 0; i < TscRom.STAMPS; i++) {
            long ticks = 1_000_000 + i * 4_300_000L;
            long delay = 10_000 + random.nextInt(10_000);
            if (random.nextDouble() < lateShare) {
                delay += random.nextInt(20_000_000);
            }
            stamps.add(new TscStamps.Stamp(ticks, Math.round(ticks * 1e6 / khz) + delay));
        }
        return stamps;
    }

    @Property(tries = 300)
    void findsTheRateAmongLateStamps(
            @ForAll @LongRange(min = 800_000, max = 6_000_000) long khz,
            @ForAll @DoubleRange(min = 0, max = 0.7) double lateShare,
            @ForAll long seed) {
        TscRate rate = TscStamps.rate(stamps(khz, lateShare, new Random(seed))).orElseThrow();

        assertThat((double) rate.khz()).isCloseTo(khz, within(0.002 * khz));
    }

    @Test
    void aQuietHostGivesFiveDigits() {
        TscRate rate = TscStamps.rate(stamps(2_445_402, 0, new Random(1))).orElseThrow();

        assertThat((double) rate.khz()).isCloseTo(2_445_402, within(50.0));
        assertThat(rate.spread()).isLessThan(0.0001);
    }

    @Test
    void putsStampsTogetherFromSingleBytes() throws IOException {
        try (TscStamps taker = new TscStamps()) {
            byte[] bytes = {1, 2, 3, 4, 5, 6, 7, (byte) 0x80, 9, 0};
            taker.write(bytes, 0, 3);
            taker.write(bytes, 3, 7);

            assertThat(taker.stamps())
                    .singleElement()
                    .extracting(TscStamps.Stamp::ticks)
                    .isEqualTo(0x8007_0605_0403_0201L);
        }
    }

    @Test
    void tooFewStampsSayNothing() {
        assertThat(TscStamps.rate(stamps(1_000_000, 0, new Random(1)).subList(0, 40)))
                .isEmpty();
    }

    @Test
    void theKernelsRateIsHalfItsBogomips(@TempDir Path temp) throws IOException {
        Path cpuinfo = Files.writeString(
                temp.resolve("cpuinfo"),
                "cpu MHz\t\t: 1200.000\nflags\t\t: fpu tsc constant_tsc nopl\nbogomips\t: 5192.28\n");
        Path old = Files.writeString(temp.resolve("old"), "flags\t\t: fpu tsc\nbogomips\t: 5192.28\n");

        assertThat(KernelTscKhz.read(cpuinfo)).hasValue(2_596_140);
        assertThat(KernelTscKhz.read(old)).isEmpty();
        assertThat(KernelTscKhz.read(temp.resolve("absent"))).isEmpty();
    }

    @Test
    void aRateFarFromTheKernelsContradictsIt() {
        assertThat(new TscRate(2_596_000, 0, OptionalLong.of(2_596_140)).contradictsKernel())
                .isFalse();
        assertThat(new TscRate(2_445_000, 0, OptionalLong.of(2_596_140)).contradictsKernel())
                .isTrue();
        assertThat(new TscRate(2_445_000, 0, OptionalLong.empty()).contradictsKernel())
                .isFalse();
    }

    @Test
    void aRunThatFailsIsAProblemWithQemusWords(@TempDir Path temp) throws Exception {
        FakeRunner runner = FakeRunner.exiting(1, "", "unsupported machine type");
        Finding<TscRate> rate = new TscProbe(new CacheFolder(temp), runner, "boot", temp.resolve("cpuinfo"))
                .measure(QemuBinary.of(temp.resolve("qemu"), QemuVersion.OLDEST), MachineType.MICROVM);

        assertThat(rate.problems().get(0).detail()).contains("unsupported machine type");
        assertThat(runner.commands).hasSize(1);
    }
}
