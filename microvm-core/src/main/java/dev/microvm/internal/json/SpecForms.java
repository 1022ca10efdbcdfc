/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import static dev.microvm.internal.json.JsonTypes.FLAG;
import static dev.microvm.internal.json.JsonTypes.INTEGER;
import static dev.microvm.internal.json.JsonTypes.LONG;
import static dev.microvm.internal.json.JsonTypes.PATH;
import static dev.microvm.internal.json.JsonTypes.TEXT;
import static dev.microvm.internal.json.JsonTypes.enumOf;

import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.NetworkInterface;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Protocol;
import dev.microvm.spec.Share;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.VsockDevice;

/** The tables of a spec and its parts, shares and storage excepted ({@link ShareForms}, {@link StorageForms}); members are named as the attributes are. */
final class SpecForms {
    static final ObjectForm<HostRoot, HostRoot.Builder> HOST_ROOT = ObjectForm.of(
                    HostRoot::builder, HostRoot.Builder::build)
            .optional("kernel", PATH, HostRoot::kernel, HostRoot.Builder::kernel)
            .optional("modules", PATH, HostRoot::modules, HostRoot.Builder::modules)
            .defaulted("root", PATH, HostRoot::root, HostRoot.Builder::root)
            .list("emptyFolders", TEXT, HostRoot::emptyFolders, HostRoot.Builder::addAllEmptyFolders);

    static final ObjectForm<KernelBoot, KernelBoot.Builder> KERNEL_BOOT = ObjectForm.of(
                    KernelBoot::builder, KernelBoot.Builder::build)
            .required("kernel", PATH, KernelBoot::kernel, KernelBoot.Builder::kernel)
            .optional("initrd", PATH, KernelBoot::initrd, KernelBoot.Builder::initrd)
            .list("parameters", TEXT, KernelBoot::parameters, KernelBoot.Builder::addAllParameters)
            .defaulted("agent", FLAG, KernelBoot::agent, KernelBoot.Builder::agent)
            .defaulted("mountsItself", FLAG, KernelBoot::mountsItself, KernelBoot.Builder::mountsItself);

    static final ChoiceForm<BootSource> BOOT = ChoiceForm.<BootSource>of()
            .or("host-root", HostRoot.class, HOST_ROOT)
            .or("kernel", KernelBoot.class, KERNEL_BOOT);

    static final ChoiceForm<Share> SHARE = ChoiceForm.<Share>of()
            .or("9p", NinePShare.class, ShareForms.NINE_P)
            .or("virtiofs", VirtiofsShare.class, ShareForms.VIRTIOFS)
            .or("auto", AutoShare.class, ShareForms.AUTO);

    static final ObjectForm<UserNetwork, UserNetwork.Builder> USER_NETWORK = ObjectForm.of(
                    UserNetwork::builder, UserNetwork.Builder::build)
            .defaulted("id", TEXT, UserNetwork::id, UserNetwork.Builder::id)
            .optional("mac", TEXT, UserNetwork::mac, UserNetwork.Builder::mac)
            .defaulted("restrict", FLAG, UserNetwork::restrict, UserNetwork.Builder::restrict);

    static final ObjectForm<TapNetwork, TapNetwork.Builder> TAP_NETWORK = ObjectForm.of(
                    TapNetwork::builder, TapNetwork.Builder::build)
            .defaulted("id", TEXT, TapNetwork::id, TapNetwork.Builder::id)
            .required("device", TEXT, TapNetwork::device, TapNetwork.Builder::device)
            .optional("mac", TEXT, TapNetwork::mac, TapNetwork.Builder::mac)
            .defaulted("vhost", FLAG, TapNetwork::vhost, TapNetwork.Builder::vhost);

    static final ChoiceForm<NetworkInterface> INTERFACE = ChoiceForm.<NetworkInterface>of()
            .or("user", UserNetwork.class, USER_NETWORK)
            .or("tap", TapNetwork.class, TAP_NETWORK);

    static final ObjectForm<PortForward, PortForward.Builder> PORT_FORWARD = ObjectForm.of(
                    PortForward::builder, PortForward.Builder::build)
            .defaulted(
                    "direction",
                    enumOf(PortForward.Direction.class),
                    PortForward::direction,
                    PortForward.Builder::direction)
            .defaulted("protocol", enumOf(Protocol.class), PortForward::protocol, PortForward.Builder::protocol)
            .defaulted("hostAddress", TEXT, PortForward::hostAddress, PortForward.Builder::hostAddress)
            .required("hostPort", INTEGER, PortForward::hostPort, PortForward.Builder::hostPort)
            .defaulted("guestAddress", TEXT, PortForward::guestAddress, PortForward.Builder::guestAddress)
            .required("guestPort", INTEGER, PortForward::guestPort, PortForward.Builder::guestPort);

    static final ObjectForm<VsockDevice, VsockDevice.Builder> VSOCK = ObjectForm.of(
                    VsockDevice::builder, VsockDevice.Builder::build)
            .required("cid", LONG, VsockDevice::cid, VsockDevice.Builder::cid);

    static final ObjectForm<PciPassthrough, PciPassthrough.Builder> PASSTHROUGH = ObjectForm.of(
                    PciPassthrough::builder, PciPassthrough.Builder::build)
            .required("host", TEXT, PciPassthrough::host, PciPassthrough.Builder::host);

    private SpecForms() {}

    /** {@return the table of a whole spec, with the form its extensions have} */
    static ObjectForm<VmSpec, VmSpec.Builder> spec(JsonType<SpecExtension> extension) {
        return ObjectForm.of(VmSpec::builder, VmSpec.Builder::build)
                .defaulted("name", TEXT, VmSpec::name, VmSpec.Builder::name)
                .defaulted(
                        "architecture", enumOf(Architecture.class), VmSpec::architecture, VmSpec.Builder::architecture)
                .optional("machine", enumOf(MachineType.class), VmSpec::machine, VmSpec.Builder::machine)
                .defaulted("accelerator", enumOf(Accelerator.class), VmSpec::accelerator, VmSpec.Builder::accelerator)
                .optional("cpu", TEXT, VmSpec::cpu, VmSpec.Builder::cpu)
                .defaulted("vcpus", INTEGER, VmSpec::vcpus, VmSpec.Builder::vcpus)
                .defaulted("memoryMib", INTEGER, VmSpec::memoryMib, VmSpec.Builder::memoryMib)
                .required("boot", BOOT, VmSpec::boot, VmSpec.Builder::boot)
                .list("shares", SHARE, VmSpec::shares, VmSpec.Builder::addAllShares)
                .list(
                        "storeOverlays",
                        StorageForms.STORE_OVERLAY,
                        VmSpec::storeOverlays,
                        VmSpec.Builder::addAllStoreOverlays)
                .list("volumes", StorageForms.VOLUME, VmSpec::volumes, VmSpec.Builder::addAllVolumes)
                .list("persistence", StorageForms.PERSISTENCE, VmSpec::persistence, VmSpec.Builder::addAllPersistence)
                .list("interfaces", INTERFACE, VmSpec::interfaces, VmSpec.Builder::addAllInterfaces)
                .list("forwards", PORT_FORWARD, VmSpec::forwards, VmSpec.Builder::addAllForwards)
                .optional("vsock", VSOCK, VmSpec::vsock, VmSpec.Builder::vsock)
                .list("passthrough", PASSTHROUGH, VmSpec::passthrough, VmSpec.Builder::addAllPassthrough)
                .list("kernelParameters", TEXT, VmSpec::kernelParameters, VmSpec.Builder::addAllKernelParameters)
                .list("extraQemuArguments", TEXT, VmSpec::extraQemuArguments, VmSpec.Builder::addAllExtraQemuArguments)
                .list("extensions", extension, VmSpec::extensions, VmSpec.Builder::addAllExtensions);
    }
}
