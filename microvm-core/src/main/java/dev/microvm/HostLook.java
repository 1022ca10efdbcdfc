/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.Finding;
import dev.microvm.internal.host.HostFacts;
import dev.microvm.internal.host.HostProbe;
import dev.microvm.internal.host.KernelImage;
import dev.microvm.internal.host.StaticBusybox;
import dev.microvm.internal.image.GuestModules;
import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.preflight.HostProblems;
import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.internal.qemu.SpecRelations;
import dev.microvm.internal.storage.PersistentOwners;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What a spec needs of this host and what is there: QEMU, accelerator, kernel, busybox, memory, ports, folders. */
final class HostLook {
    private final HostProbe probe;
    private final Map<String, String> environment;
    private final VmSpec spec;
    private final List<Problem> problems;
    private final List<String> choices;
    private @Nullable HostFacts facts;
    private Optional<KernelImage> kernel = Optional.empty();
    private Optional<Path> busybox = Optional.empty();
    private final List<Problem> ofHostRoot = new ArrayList<>();

    HostLook(
            HostProbe probe,
            Map<String, String> environment,
            VmSpec spec,
            List<Problem> problems,
            List<String> choices) {
        this.probe = probe;
        this.environment = environment;
        this.spec = spec;
        this.problems = problems;
        this.choices = choices;
    }

    void all() throws InterruptedException {
        problems.addAll(SpecRelations.problems(spec));
        mountPlan();
        take(probe.facts(spec, QemuCommandLine.machineOf(spec))).ifPresent(found -> {
            facts = found;
            choices.add("QEMU " + found.qemu().version() + " at " + found.qemu().path());
            choices.add(found.accelerator().kind() + ": " + found.accelerator().reason());
            found.tscKhz().ifPresent(khz -> choices.add("time stamp counter at " + khz + " kHz, measured"));
        });
        if (spec.boot() instanceof HostRoot root) {
            lookForKernel(root);
            Finding<Path> finding = StaticBusybox.find(environment);
            ofHostRoot.addAll(finding.problems());
            busybox = finding.value();
        } else if (QemuCommandLine.hasGuestCalls(spec)) {
            busybox = HostProblems.relayBusybox(environment);
        }
    }

    private void lookForKernel(HostRoot root) {
        List<String> modules = GuestModules.of(spec);
        Finding<KernelImage> finding = root.kernel().isPresent()
                ? probe.kernels().check(root.kernel().get(), root.modules(), spec.architecture(), modules)
                : probe.kernels().find(spec.architecture(), modules);
        ofHostRoot.addAll(finding.problems());
        kernel = finding.value();
        kernel.ifPresent(found -> choices.add("kernel " + found.release() + " at " + found.image()));
    }

    /** Adds what depends on who the caller is and who QEMU runs as. */
    void checkAsUser(int callerUid, OptionalInt qemuUid) {
        problems.addAll(new HostProblems(environment, qemuUid).problems(spec, ofHostRoot));
        problems.addAll(PersistentOwners.problems(spec, callerUid));
    }

    private void mountPlan() {
        try {
            MountPlan unused = MountPlan.of(spec);
        } catch (IllegalArgumentException e) {
            problems.add(new Problem("mount points", String.valueOf(e.getMessage()), "choose another mount point"));
        }
    }

    private <T> Optional<T> take(Finding<T> finding) {
        problems.addAll(finding.problems());
        return finding.value();
    }

    boolean kvm() {
        return facts != null && facts.accelerator().kind() == Accelerator.KVM;
    }

    @Nullable
    HostFacts facts() {
        return facts;
    }

    Optional<KernelImage> kernel() {
        return kernel;
    }

    Optional<Path> busybox() {
        return busybox;
    }
}
