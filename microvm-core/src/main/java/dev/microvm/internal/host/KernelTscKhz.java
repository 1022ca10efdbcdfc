/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The rate that the host's own kernel works with, where any user may read it: twice it, in MHz, is {@code bogomips} in
 * {@code /proc/cpuinfo}, because the kernel takes its delay loop from the time stamp counter instead of measuring it (Linux,
 * {@code arch/x86/kernel/tsc.c}, {@code lpj_fine}). {@code cpu MHz} is not that rate but the present frequency of the core.
 */
final class KernelTscKhz {
    private KernelTscKhz() {}

    /** {@return the rate in kHz; empty where the CPU does not say {@code constant_tsc} or the file cannot be read} */
    static OptionalLong read(Path cpuinfo) {
        try {
            List<String> lines = Files.readAllLines(cpuinfo);
            boolean constant =
                    lines.stream().anyMatch(line -> line.startsWith("flags") && line.contains(" constant_tsc"));
            return lines.stream()
                    .filter(line -> constant && line.startsWith("bogomips"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .mapToLong(mips -> new BigDecimal(mips)
                            .multiply(BigDecimal.valueOf(500))
                            .longValue())
                    .filter(khz -> khz > 0)
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
