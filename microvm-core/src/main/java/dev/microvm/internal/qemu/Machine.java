/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.Architecture;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VmSpec;

/** The machine itself: type, processor, memory, and what QEMU must not add of its own accord. */
final class Machine implements DeviceFamily {
    private static final String MEMORY_ID = "mem";

    /** {@return the machine type of a spec: the one it names, else the leanest that has what the spec needs} */
    static MachineType of(VmSpec spec) {
        return spec.machine().orElseGet(() -> {
            if (spec.architecture() == Architecture.AARCH64) {
                return MachineType.VIRT;
            }
            return spec.passthrough().isEmpty() ? MachineType.MICROVM : MachineType.Q35;
        });
    }

    @Override
    public void render(Rendering in, Arguments out) {
        out.option(
                "-name",
                OptionList.of("guest", in.spec().name()).with("debug-threads", true),
                "names the process in ps, and its threads (vCPUs, I/O) in top and gdb");
        out.flag("-no-user-config", "the administrator's configuration file must not change this machine");
        out.flag("-nodefaults", "no devices but those named here");
        out.option("-display", "none", "no window, no VNC server; the console is a file");
        out.flag("-no-reboot", "a guest's reboot or panic ends QEMU, so that it is noticed");
        accelerator(in, out);
        memory(in, out);
        type(in, out);
        out.option("-smp", OptionList.of("cpus", Integer.toString(in.spec().vcpus())), "VmSpec.vcpus");
    }

    private static void accelerator(Rendering in, Arguments out) {
        String why = in.facts().accelerator().reason();
        out.option("-accel", in.kvm() ? "kvm" : "tcg", why);
        if (!in.kvm() && in.spec().cpu().filter(Machine::needsKvm).isPresent()) {
            throw new IllegalArgumentException("VmSpec.cpu = " + in.spec().cpu().orElseThrow()
                    + ": needs KVM, and what runs the guest is" + " TCG (" + why + "); leave it out, or use 'max'");
        }
        // 'host' exists only with KVM; 'max' is all that TCG can do, and the modules and programs of a distribution
        // expect much.
        String fallback = in.kvm() ? "host" : "max";
        out.option(
                "-cpu",
                in.spec().cpu().orElse(fallback),
                in.spec().cpu().isPresent()
                        ? "VmSpec.cpu"
                        : "everything that " + (in.kvm() ? "KVM" : "TCG") + " offers");
    }

    /** {@return whether a CPU model, features and all, exists only with KVM} */
    static boolean needsKvm(String cpu) {
        return cpu.equals("host") || cpu.startsWith("host,");
    }

    private static void memory(Rendering in, Arguments out) {
        String size = in.spec().memoryMib() + "M";
        if (sharesMemory(in.spec())) {
            // Its size must be that of -m exactly. memfd needs neither a mounted tmpfs nor a file to remove.
            out.option(
                    "-object",
                    OptionList.of("memory-backend-memfd")
                            .with("id", MEMORY_ID)
                            .with("size", size)
                            .with("share", true),
                    "virtiofsd reads and writes the guest's memory: without sharing it, mounts hang");
        }
        out.option("-m", OptionList.of("size", size), "VmSpec.memoryMib");
    }

    private static void type(Rendering in, Arguments out) {
        MachineType type = in.machine();
        OptionList list = OptionList.of(type.qemuName());
        String reason =
                in.spec().machine().isPresent() ? "VmSpec.machine" : "the leanest machine that has what the spec needs";
        if (type == MachineType.MICROVM) {
            microvm(list);
            reason +=
                    "; ACPI finds the devices and the power button; no 8259 and 8254, which ACPI guests do not use; a clock,"
                            + " for which the kernel else waits two seconds";
        }
        if (sharesMemory(in.spec())) {
            list.with("memory-backend", MEMORY_ID);
        }
        out.option("-M", list, reason);
        if (type == MachineType.MICROVM) {
            out.option(
                    "-global",
                    OptionList.of("virtio-mmio.force-legacy", "off"),
                    "virtio 1 on virtio-mmio; QEMU's default there is the legacy form, which vhost-user devices do not speak");
        }
    }

    /**
     * Argued one by one. acpi=on: Debian's kernels have no virtio_mmio.device= parameter
     * (CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES) and find the devices in the ACPI tables only; the power button is there too. pic, pit: no
     * difference in boot time was measurable under TCG (1.5 s of processor time each way, QEMU 7.2, Debian 6.1), so the smaller machine; an ACPI guest
     * uses the IO-APIC and, since the kernel is told the TSC's rate, no timer to calibrate it by. rtc=on: with rtc=off the kernel polls
     * the missing CMOS clock for two seconds (4.0 s against 1.9 s), and 'auto' leaves it out under KVM. isa-serial stays on: it is the
     * console from the first line of the kernel on, whereas a virtio console needs modules.
     */
    private static void microvm(OptionList list) {
        list.with("acpi", true).with("pic", false).with("pit", false).with("rtc", true);
    }

    private static boolean sharesMemory(VmSpec spec) {
        return !VirtiofsDevices.of(spec).isEmpty();
    }
}
