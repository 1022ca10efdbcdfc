/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.HostFacts;
import dev.microvm.internal.host.HostProbe;
import dev.microvm.internal.host.KernelImage;
import dev.microvm.internal.qemu.BootFiles;
import dev.microvm.internal.qemu.CommandLine;
import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.internal.qemu.RuntimePaths;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything decided before anything is started.
 *
 * @param declared the spec as the caller wrote it
 * @param spec the spec with its extensions written out and its undecided shares decided
 * @param paths where the VM's files will be
 * @param facts what was found out about the host; null only where there are problems
 * @param kernel the kernel and its modules, for a {@link HostRoot}
 * @param busybox the static busybox that goes into the initramfs
 * @param runAs who QEMU runs as; empty for the caller
 * @param context what the services know
 * @param services the services, in the order of their start
 * @param problems everything that keeps the VM from starting
 * @param choices what was chosen and why
 */
record LaunchPlan(
        VmSpec declared,
        VmSpec spec,
        RuntimePaths paths,
        @Nullable HostFacts facts,
        Optional<KernelImage> kernel,
        Optional<Path> busybox,
        Optional<RunAs> runAs,
        VmContext context,
        List<HostService> services,
        List<Problem> problems,
        List<String> choices) {

    LaunchPlan {
        services = List.copyOf(services);
        problems = List.copyOf(problems);
        choices = List.copyOf(choices);
    }

    /** {@return whether the guest runs our control loop} */
    boolean hasAgent() {
        return spec.boot() instanceof HostRoot || (spec.boot() instanceof KernelBoot kernelBoot && kernelBoot.agent());
    }

    HostFacts hostFacts() {
        if (facts == null) {
            throw new IllegalStateException("a plan with problems has no host facts: " + problems);
        }
        return facts;
    }

    /** {@return a limit, longer where QEMU translates instructions} */
    Duration scaled(Duration limit) {
        return hostFacts().accelerator().kind() == Accelerator.TCG
                ? limit.multipliedBy(LaunchOptions.TCG_FACTOR)
                : limit;
    }

    CommandLine render(BootFiles boot) {
        return QemuCommandLine.render(spec, hostFacts(), boot, paths);
    }

    Preflight preflight(HostProbe probe) {
        if (!problems.isEmpty()) {
            return new Preflight(spec, problems, choices, List.of());
        }
        return new Preflight(spec, problems, choices, publicArguments(render(BootImages.dryRun(this, probe))));
    }

    static List<QemuArgument> publicArguments(CommandLine line) {
        return line.words().stream()
                .map(argument -> new QemuArgument(argument.text(), argument.reason()))
                .toList();
    }
}
