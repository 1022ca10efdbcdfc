/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.internal.host.AcceleratorChoice;
import dev.microvm.internal.host.HostFacts;
import dev.microvm.internal.host.QemuBinary;
import dev.microvm.internal.host.QemuVersion;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.Architecture;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.MachineType;
import dev.microvm.spec.MultiDevs;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Protocol;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import dev.microvm.spec.VsockDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A spec and the command line it must be rendered to, {@code golden/NAME.args}. Paths begin with {@code /RUN}, {@code /KERNEL} and so
 * on, which the golden files show as {@code $RUN}, {@code $KERNEL}.
 */
record GoldenCase(String name, VmSpec spec, Accelerator accelerator, Path run) {
    static final List<String> PLACEHOLDERS = List.of("RUN", "KERNEL", "INITRD", "SHARE", "IMAGE", "BUSYBOX");

    /** A comma, an equals sign, a blank, both quotes, a backslash, a dollar sign. */
    static final String AWKWARD = "a,b=c d'e\"f\\g$h";

    static List<GoldenCase> all() {
        return List.of(
                tcg("minimal", base()),
                tcg("host-root", hostRoot()),
                tcg("virtiofs", virtiofs()),
                tcg("forwards", forwards()),
                tcg("volumes", volumes()),
                tcg("q35-passthrough", base().addPassthrough(PciPassthrough.of("0000:ff:1f.7"))),
                tcg("q35", q35()),
                // One CPU: KVM warns of more than the host has.
                new GoldenCase("kvm", base().memoryMib(2048).build(), Accelerator.KVM, Path.of("/RUN")),
                tcg("tap", tap()),
                tcg("vsock", base().vsock(VsockDevice.of(42))),
                tcg("aarch64", aarch64()),
                awkward());
    }

    /** {@return the case's command line} */
    CommandLine render() {
        boolean arm = spec.architecture() == Architecture.AARCH64;
        OptionalLong tsc = accelerator == Accelerator.KVM || arm ? OptionalLong.empty() : OptionalLong.of(2_445_402);
        HostFacts facts = new HostFacts(
                QemuBinary.of(
                        Path.of("/usr/bin/qemu-system-" + spec.architecture().qemuName()), new QemuVersion(7, 2, 22)),
                new AcceleratorChoice(accelerator, "as the test says"),
                tsc);
        Optional<Path> initrd = spec.boot() instanceof KernelBoot own ? own.initrd() : Optional.of(Path.of("/INITRD"));
        return QemuCommandLine.render(
                spec,
                facts,
                new BootFiles(Path.of("/KERNEL"), initrd, List.of()),
                new RuntimePaths(run, Optional.of(Path.of("/BUSYBOX"))));
    }

    private static GoldenCase tcg(String name, VmSpec.Builder spec) {
        return new GoldenCase(name, spec.build(), Accelerator.TCG, Path.of("/RUN"));
    }

    private static VmSpec.Builder base() {
        return VmSpec.builder()
                .name("golden")
                .memoryMib(128)
                .boot(BootSource.kernel(Path.of("/KERNEL"), Path.of("/INITRD")));
    }

    private static KernelBoot ourLoop() {
        return KernelBoot.builder()
                .kernel(Path.of("/KERNEL"))
                .agent(true)
                .addParameters("own=1")
                .build();
    }

    private static VmSpec.Builder hostRoot() {
        return base().boot(BootSource.hostRoot())
                .addShares(
                        NinePShare.of("work", Path.of("/SHARE/work")).mountedAt("/work"),
                        NinePShare.builder()
                                .tag("mapped")
                                .source(Path.of("/SHARE/mapped"))
                                .securityModel(SecurityModel.MAPPED_FILE)
                                .multidevs(MultiDevs.FORBID)
                                .fmode(0640)
                                .dmode(0755)
                                .readOnly(true)
                                .build());
    }

    private static VmSpec.Builder virtiofs() {
        return base().vcpus(2)
                .boot(ourLoop())
                .addShares(
                        VirtiofsShare.builder()
                                .from(VirtiofsShare.of("home", Path.of("/SHARE/home"))
                                        .mountedAt("/home"))
                                .daemon(VirtiofsdOptions.builder()
                                        .queueSize(256)
                                        .build())
                                .build(),
                        NinePShare.of("plain", Path.of("/SHARE/plain")),
                        VirtiofsShare.of("store", Path.of("/SHARE/store")).asReadOnly());
    }

    private static VmSpec.Builder forwards() {
        return base().addForwards(
                        PortForward.hostToGuest(0, 22),
                        PortForward.builder()
                                .protocol(Protocol.UDP)
                                .hostPort(0)
                                .guestPort(53)
                                .build(),
                        PortForward.guestToHost(5432, 5432));
    }

    private static VmSpec.Builder volumes() {
        return base().addVolumes(
                        Volume.builder()
                                .image(Path.of("/IMAGE/raw.img"))
                                .serial("data")
                                .build(),
                        Volume.builder()
                                .image(Path.of("/IMAGE/base.qcow2"))
                                .format(VolumeFormat.QCOW2)
                                .readOnly(true)
                                .build());
    }

    private static VmSpec.Builder q35() {
        return base().machine(MachineType.Q35)
                .boot(ourLoop())
                .cpu("max,la57=off")
                .addShares(
                        NinePShare.of("plain", Path.of("/SHARE/plain")),
                        VirtiofsShare.of("home", Path.of("/SHARE/home")))
                .addVolumes(Volume.builder().image(Path.of("/IMAGE/raw.img")).build())
                .addInterfaces(UserNetwork.builder()
                        .id("lan")
                        .mac("02:00:00:00:00:aa")
                        .restrict(true)
                        .build())
                .addForwards(PortForward.hostToGuest(0, 22))
                .addKernelParameters("quiet", "who=\"a b\"")
                .addExtraQemuArguments("-boot", "strict=on");
    }

    private static VmSpec.Builder tap() {
        return base().addInterfaces(
                        UserNetwork.builder().build(),
                        TapNetwork.builder().id("net1").device("golden-tap").build())
                .addForwards(PortForward.hostToGuest(0, 22));
    }

    private static VmSpec.Builder aarch64() {
        return base().architecture(Architecture.AARCH64)
                .boot(HostRoot.builder().root(Path.of("/SHARE/root")).build())
                .addVolumes(Volume.builder().image(Path.of("/IMAGE/raw.img")).build())
                .addForwards(PortForward.hostToGuest(0, 22));
    }

    private static GoldenCase awkward() {
        VmSpec spec = base().boot(ourLoop())
                .addShares(
                        NinePShare.of("ninep,=" + '\'', Path.of("/SHARE/" + AWKWARD)),
                        VirtiofsShare.of("grün,=\"", Path.of("/SHARE/plain")))
                .addVolumes(Volume.builder()
                        .image(Path.of("/IMAGE/" + AWKWARD))
                        .serial("s,1")
                        .build())
                .build();
        return new GoldenCase("awkward-names", spec, Accelerator.TCG, Path.of("/RUN/" + AWKWARD));
    }

    @Override
    public String toString() {
        return name;
    }
}
