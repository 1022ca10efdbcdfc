/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.MachineType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernel, initrd and kernel parameters, loaded by QEMU itself: no boot loader, no disk.
 *
 * <p>Whoever chooses {@link BootFiles#kernel()} decides over most of the boot time under TCG: of a stock Debian bzImage's 4.8 s to
 * the first program, 3 s are the decompression within the guest. The same kernel as the uncompressed ELF that the bzImage holds, entered
 * by its PVH note, is there in 1.9 s (QEMU 7.2, kernel 6.1, medians).
 */
final class Boot implements DeviceFamily {
    /** The kernel cuts off what is longer, without a word (Linux, {@code COMMAND_LINE_SIZE} of x86 and arm64, with the NUL). */
    static final int MAX_COMMAND_LINE_BYTES = 2047;

    @Override
    public void render(Rendering in, Arguments out) {
        out.option("-kernel", in.boot().kernel().toString(), "booted directly: no firmware menu, no boot loader");
        in.boot().initrd().ifPresent(initrd -> out.option("-initrd", initrd.toString(), "the guest's first root"));
        String line = String.join(" ", parameters(in));
        int bytes = line.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_COMMAND_LINE_BYTES) {
            throw new IllegalArgumentException(
                    "the kernel's command line has " + bytes + " bytes and would be cut off at "
                            + MAX_COMMAND_LINE_BYTES + "; shorten VmSpec.kernelParameters: " + line);
        }
        out.option("-append", line, reason(in));
    }

    private static List<String> parameters(Rendering in) {
        List<String> all = new ArrayList<>();
        all.add("console=" + (in.x86() ? "ttyS0" : "ttyAMA0"));
        // No 'quiet': the 17 KB of messages are what explains a hang, and under TCG they cost nothing that could be
        // measured (1.53 s of
        // processor time from start to exit with and without, medians of 14).
        if (in.x86()) {
            // What the kernel says before it has its console: with 64 MiB a stock kernel panics so early that the log
            // is empty without
            // this (tried). As free as the rest.
            all.add("earlyprintk=ttyS0");
            // The keyboard controller, the kernel's usual way to reboot, is not there; a triple fault always ends QEMU.
            all.add("reboot=t");
        }
        // At once: a panicked guest that waits for a person would be taken for a slow one.
        all.add("panic=-1");
        if (in.x86() && !in.kvm()) {
            tcg(in, all);
        }
        all.addAll(in.boot().kernelParameters());
        if (in.spec().boot() instanceof KernelBoot own) {
            all.addAll(own.parameters());
        }
        all.addAll(in.spec().kernelParameters());
        return all;
    }

    private static void tcg(Rendering in, List<String> all) {
        if (in.facts().tscKhz().isPresent()) {
            // On microvm the kernel finds nothing to calibrate the TSC by and stops for ever; elsewhere it saves the
            // calibration,
            // which a busy host makes fail. 'reliable' keeps the watchdog from judging the TSC by timers that are late
            // under load.
            all.add("tsc_early_khz=" + in.facts().tscKhz().getAsLong());
            all.add("tsc=reliable");
        } else if (in.machine() == MachineType.MICROVM) {
            throw new IllegalArgumentException(
                    "accelerator = TCG, machine = microvm: the kernel would stop for ever, for it cannot"
                            + " calibrate its time stamp counter, and the host's rate is not known; use MachineType.Q35");
        }
        if (in.machine() == MachineType.Q35) {
            // A busy host delivers the timer's ticks late, and the kernel then panics ("IO-APIC + timer doesn't work").
            all.add("no_timer_check");
        }
        // Known-answer tests of every cipher at every boot: 1.77 s of processor time with, 1.53 s without (medians of
        // 14).
        all.add("cryptomgr.notests");
    }

    private static String reason(Rendering in) {
        String ours = "serial console; panic and reboot end QEMU at once";
        return in.x86() && !in.kvm()
                ? ours
                        + "; the rate of the time stamp counter, which microvm kernels cannot find out by themselves under TCG"
                : ours;
    }
}
