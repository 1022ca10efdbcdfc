/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.internal.host.HostFacts;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Renders a spec as a QEMU command line: a pure function with a stable order, which leaves nothing out silently. */
public final class QemuCommandLine {
    /** How many virtio-mmio devices a microvm takes; at the next one QEMU says {@code No 'virtio-bus' bus found}. (Tried on 7.2.) */
    public static final int MAX_MMIO_DEVICES = 24;

    private static final List<DeviceFamily> FAMILIES = List.of(
            new Machine(),
            new Boot(),
            new Console(),
            new Qmp(),
            new GuestControlPorts(),
            new Rng(),
            new NinePDevices(),
            new VirtiofsDevices(),
            new Volumes(),
            new Networks(),
            new Vsock(),
            new Passthrough());

    private QemuCommandLine() {}

    /**
     * Renders a spec whose extensions are written out already.
     *
     * @param spec the VM
     * @param facts the host, as probed
     * @param boot the files to boot
     * @param paths where the VM's sockets and files are
     * @return the command line
     * @throws IllegalArgumentException if something of the spec cannot be rendered, with all problems of {@link SpecRelations} in its
     *     message
     */
    public static CommandLine render(VmSpec spec, HostFacts facts, BootFiles boot, RuntimePaths paths) {
        SpecRelations.require(spec);
        Rendering in = new Rendering(spec, facts, boot, paths);
        Arguments out = new Arguments();
        FAMILIES.forEach(family -> family.render(in, out));
        spec.extraQemuArguments().forEach(word -> out.flag(word, "VmSpec.extraQemuArguments"));
        return new CommandLine(facts.qemu().path(), out.list(), socketsToListenAt(spec, paths), prelude(in));
    }

    /** {@return the machine type a spec is rendered for: the one it names, else the leanest that has what it needs} */
    public static MachineType machineOf(VmSpec spec) {
        return Machine.of(spec);
    }

    /** {@return whether the guest gets the ports of guest control, so that somebody must listen at the control socket} */
    public static boolean hasGuestControl(VmSpec spec) {
        return GuestControlPorts.wanted(spec);
    }

    /** {@return whether the guest calls the host through a forward; that takes a busybox} */
    public static boolean hasGuestCalls(VmSpec spec) {
        return Forwards.toHost(spec);
    }

    /** {@return how many exec slots the guest control has} */
    public static int guestControlSlots() {
        return GuestControlPorts.SLOTS;
    }

    /** {@return the mount tag of the host's root in a guest that boots on it} */
    public static String rootTag() {
        return NinePDevices.ROOT_TAG;
    }

    /** {@return how many virtio-mmio devices a spec is rendered to; empty where the machine has PCI instead} */
    public static OptionalInt mmioDevices(VmSpec spec) {
        if (VirtioTransport.of(Machine.of(spec)) != VirtioTransport.MMIO) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(
                FAMILIES.stream().mapToInt(family -> family.virtioDevices(spec)).sum());
    }

    private static List<String> prelude(Rendering in) {
        List<String> words = new ArrayList<>(NinePDevices.prelude(in.spec()));
        words.addAll(Forwards.prelude(in));
        return words;
    }

    private static List<Path> socketsToListenAt(VmSpec spec, RuntimePaths paths) {
        List<Path> sockets = new ArrayList<>();
        sockets.add(paths.qmpSocket());
        if (GuestControlPorts.wanted(spec)) {
            sockets.add(paths.controlSocket());
        }
        for (int i = 0; i < VirtiofsDevices.of(spec).size(); i++) {
            sockets.add(paths.shareSocket(i));
        }
        return sockets;
    }
}
