/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.VmSpec;
import java.util.ArrayList;
import java.util.List;

/** The named virtio-serial ports of guest control; the protocol is in {@code docs/guest-control.md}. */
final class GuestControlPorts implements DeviceFamily {
    /** How many commands can run at once. Three ports each and the control port make 25, one device's worth. */
    static final int SLOTS = 8;

    /** A device has 31 ports, of which the first is kept for a console (QEMU, {@code hw/char/virtio-serial-bus.c}). */
    static final int PORTS_PER_DEVICE = 30;

    private record Port(String chardev, String name) {}

    /** {@return whether the guest runs the control loop; without it nobody would ever answer at the ports} */
    static boolean wanted(VmSpec spec) {
        return spec.boot() instanceof HostRoot || (spec.boot() instanceof KernelBoot own && own.agent());
    }

    @Override
    public void render(Rendering in, Arguments out) {
        if (!wanted(in.spec())) {
            return;
        }
        List<Port> ports = chardevs(in, out);
        for (int i = 0; i < ports.size(); i++) {
            String bus = "ports" + i / PORTS_PER_DEVICE;
            if (i % PORTS_PER_DEVICE == 0) {
                out.option("-device", in.device("virtio-serial").with("id", bus), "carries the ports of guest control");
            }
            Port port = ports.get(i);
            out.option(
                    "-device",
                    OptionList.of("virtserialport")
                            .with("bus", bus + ".0")
                            .with("chardev", port.chardev())
                            .with("name", port.name()),
                    "the port that the guest finds by its name");
        }
    }

    private static List<Port> chardevs(Rendering in, Arguments out) {
        List<Port> ports = new ArrayList<>();
        out.option(
                "-chardev",
                OptionList.of("socket")
                        .with("id", "control")
                        .with("path", in.paths().controlSocket()),
                "we listen and QEMU connects, so that the guest never finds the port closed, which it would read as its end");
        ports.add(new Port("control", "microvm.control"));
        for (int slot = 0; slot < SLOTS; slot++) {
            for (PortStream stream : PortStream.values()) {
                String id = "p" + slot + stream.letter();
                out.option(
                        "-chardev",
                        OptionList.of("socket")
                                .with("id", id)
                                .with("path", in.paths().portSocket(slot, stream))
                                .with("server", true)
                                .with("wait", false),
                        "QEMU listens, we connect for each command");
                ports.add(new Port(id, "microvm." + slot + "." + stream.portName()));
            }
        }
        return ports;
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        int ports = wanted(spec) ? 1 + SLOTS * PortStream.values().length : 0;
        return (ports + PORTS_PER_DEVICE - 1) / PORTS_PER_DEVICE;
    }
}
