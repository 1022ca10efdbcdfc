/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The measured rate of the time stamp counter that a guest under TCG sees.
 *
 * @param khz the rate in kHz: what {@code tsc_early_khz=} is given
 * @param spread how far the single estimates lie apart, relative to the rate; 0.0005 is 0.05 %
 * @param kernelKhz what the host's own kernel works with, where it can be read: only to compare, since it may be an early estimate
 */
public record TscRate(long khz, double spread, OptionalLong kernelKhz) {
    /** Above this the host's kernel and the measurement contradict each other: its calibration is good to 0.05 %. */
    private static final double TOLERANCE = 0.01;

    /** {@return whether the host's own kernel works with another rate, by more than one percent} */
    public boolean contradictsKernel() {
        return kernelKhz.isPresent() && Math.abs(khz - kernelKhz.getAsLong()) > TOLERANCE * kernelKhz.getAsLong();
    }

    /** {@return this rate with what the host's kernel works with} */
    TscRate withKernelKhz(OptionalLong value) {
        return new TscRate(khz, spread, value);
    }

    String encode() {
        return khz + " " + spread;
    }

    static Optional<TscRate> decode(String text) {
        String[] parts = text.strip().split(" ", 2);
        try {
            return parts.length == 2
                    ? Optional.of(
                            new TscRate(Long.parseLong(parts[0]), Double.parseDouble(parts[1]), OptionalLong.empty()))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
