/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.error.Problem;
import dev.microvm.internal.mount.GuestMount;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.NetworkInterface;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Share;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Rules between the parts of a spec; those of a single part are checked by its value, those of the host by the preflight. */
public final class SpecRelations {
    private final VmSpec spec;
    private final List<Problem> problems = new ArrayList<>();

    private SpecRelations(VmSpec spec) {
        this.spec = spec;
    }

    /** {@return every problem between the parts of a spec whose extensions are written out; looks at nothing else} */
    public static List<Problem> problems(VmSpec spec) {
        SpecRelations check = new SpecRelations(spec);
        check.decided();
        check.machine();
        check.mmioDevices();
        check.uniqueness();
        check.forwards();
        check.mounts();
        check.whoMounts();
        check.problems.addAll(StorageRelations.problems(spec));
        return List.copyOf(check.problems);
    }

    /**
     * Throws if there are problems.
     *
     * @throws IllegalArgumentException with all of them in its message
     */
    static void require(VmSpec spec) {
        List<Problem> problems = problems(spec);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        }
    }

    /** A guest without our control loop mounts nothing for us; that must not pass in silence. */
    private void whoMounts() {
        if (GuestControlPorts.wanted(spec) || (spec.boot() instanceof KernelBoot own && own.mountsItself())) {
            return;
        }
        String cure =
                "say KernelBoot.mountsItself(true) for a guest that has what GuestMounts writes for it, boot BootSource.hostRoot(), or"
                        + " say KernelBoot.agent(true) for a guest that runs the control loop";
        for (Share share : spec.shares()) {
            share.mountPoint()
                    .ifPresent(path -> add(
                            "shares[tag=" + share.tag() + "].mountPoint",
                            "nobody in the guest would mount it at " + path,
                            cure));
        }
        for (Volume volume : spec.volumes()) {
            volume.mountPoint()
                    .ifPresent(path -> add(
                            "volumes[image=" + volume.image() + "].mountPoint",
                            "nobody in the guest would mount it at " + path,
                            cure));
        }
        spec.persistence()
                .forEach(persistence -> add(
                        "persistence[at=" + persistence.at() + "]",
                        "nobody in the guest would mount what is kept there",
                        cure));
        spec.storeOverlays()
                .forEach(overlay -> add(
                        "storeOverlays",
                        "nobody in the guest would mount the overlay at " + overlay.mountPoint(),
                        cure));
    }

    private void add(String subject, String detail, String cure) {
        problems.add(new Problem(subject, detail, cure));
    }

    /** A share that is neither 9p nor virtiofs yet would be left out in silence. */
    private void decided() {
        for (Share share : spec.shares()) {
            if (share instanceof AutoShare) {
                add(
                        "shares[tag=" + share.tag() + "]",
                        "is not decided yet",
                        "start it through a VmHost, which decides, or name a NinePShare or a VirtiofsShare");
            }
        }
    }

    private void machine() {
        MachineType machine = Machine.of(spec);
        boolean arm = spec.architecture() == Architecture.AARCH64;
        if (arm != (machine == MachineType.VIRT)) {
            add(
                    "machine",
                    machine.qemuName() + " does not exist on "
                            + spec.architecture().qemuName(),
                    "leave it out, or use " + (arm ? "MachineType.VIRT" : "MachineType.MICROVM or MachineType.Q35"));
        }
        if (machine == MachineType.MICROVM) {
            for (PciPassthrough device : spec.passthrough()) {
                add(
                        "passthrough[host=" + device.host() + "]",
                        "needs PCI, which microvm is without",
                        "use MachineType.Q35");
            }
        }
        if (spec.accelerator() == Accelerator.TCG
                && spec.cpu().filter(Machine::needsKvm).isPresent()) {
            add(
                    "cpu",
                    spec.cpu().orElseThrow() + " needs KVM, and the accelerator is TCG",
                    "leave it out, or use 'max'");
        }
    }

    private void mmioDevices() {
        QemuCommandLine.mmioDevices(spec).ifPresent(count -> {
            if (count > QemuCommandLine.MAX_MMIO_DEVICES) {
                add(
                        "machine",
                        "microvm takes " + QemuCommandLine.MAX_MMIO_DEVICES + " virtio devices, this spec has " + count,
                        "use MachineType.Q35, or share a common parent folder instead of many");
            }
        });
    }

    private void uniqueness() {
        List<NetworkInterface> networks = Networks.of(spec);
        List<String> tags =
                new ArrayList<>(spec.shares().stream().map(Share::tag).toList());
        if (NinePDevices.exportsRoot(spec)) {
            tags.add(NinePDevices.ROOT_TAG);
        }
        unique("shares", "tag", tags);
        unique("interfaces", "id", networks.stream().map(NetworkInterface::id).toList());
        unique(
                "interfaces",
                "mac",
                networks.stream().flatMap(network -> network.mac().stream()).toList());
        // QEMU's lock on the image would refuse it too, but not say which entries clash.
        unique(
                "volumes",
                "image",
                spec.volumes().stream().map(Volume::image).map(Object::toString).toList());
        unique(
                "volumes",
                "serial",
                spec.volumes().stream()
                        .flatMap(volume -> volume.guestSerial().stream())
                        .toList());
        unique(
                "passthrough",
                "host",
                spec.passthrough().stream().map(PciPassthrough::host).toList());
    }

    private void unique(String list, String attribute, List<String> values) {
        Set<String> seen = new HashSet<>();
        Set<String> told = new HashSet<>();
        for (String value : values) {
            if (!seen.add(value) && told.add(value)) {
                add(list, attribute + " = " + value + " is used more than once", "give each its own");
            }
        }
    }

    private void forwards() {
        List<PortForward> forwards = spec.forwards();
        if (!forwards.isEmpty() && Networks.of(spec).stream().noneMatch(UserNetwork.class::isInstance)) {
            add("forwards", "need a UserNetwork, and the interfaces are others", "add a UserNetwork to the interfaces");
        }
        unique(
                "forwards",
                "host port",
                listeners(
                        forwards,
                        PortForward.Direction.HOST_TO_GUEST,
                        forward -> forward.hostPort() == 0 ? "" : forward.hostAddress() + ":" + forward.hostPort()));
        unique(
                "forwards",
                "guest port",
                listeners(
                        forwards,
                        PortForward.Direction.GUEST_TO_HOST,
                        forward -> forward.guestAddress() + ":" + forward.guestPort()));
    }

    private static List<String> listeners(
            List<PortForward> forwards, PortForward.Direction direction, Function<PortForward, String> address) {
        return forwards.stream()
                .filter(forward -> forward.direction() == direction)
                .filter(forward -> !address.apply(forward).isEmpty())
                .map(forward -> forward.protocol().qemuName() + ":" + address.apply(forward))
                .toList();
    }

    private void mounts() {
        List<String> points = new ArrayList<>(
                GuestMount.of(spec).stream().map(GuestMount::where).toList());
        unique("shares, volumes, storeOverlays and persistence", "mount point", points);
        if (spec.boot() instanceof HostRoot && points.contains("/")) {
            add(
                    "shares and volumes",
                    "mount point = / is the host's root already",
                    "mount it elsewhere, or use HostRoot.root");
        }
    }
}
