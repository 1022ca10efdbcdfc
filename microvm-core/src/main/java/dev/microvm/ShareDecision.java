/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.internal.host.Finding;
import dev.microvm.internal.host.KernelImage;
import dev.microvm.internal.image.GuestModules;
import dev.microvm.internal.preflight.HostProblems;
import dev.microvm.internal.qemu.RuntimePaths;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostServiceProvider;
import dev.microvm.spi.ShareChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Makes each {@link AutoShare} of a spec a virtiofs or a 9p share before anything else is looked at, so that kernel modules, memory and
 * command line all follow from the decision.
 */
final class ShareDecision {
    private final VmHost host;
    private final LaunchOptions options;
    private final Path folder;
    private final List<String> choices;

    /** Adds the reasons to what was chosen and why. */
    ShareDecision(VmHost host, LaunchOptions options, Path folder, List<String> choices) {
        this.host = host;
        this.options = options;
        this.folder = folder;
        this.choices = choices;
    }

    /** {@return a spec without undecided shares} */
    VmSpec in(VmSpec spec) {
        if (spec.shares().stream().noneMatch(AutoShare.class::isInstance)) {
            return spec;
        }
        VmSpec candidate = withShares(spec, AutoShare::toVirtiofs);
        Optional<String> kernelLacksIt = kernelLacksVirtiofs(spec, candidate);
        HostContext context = new VmContext(host, candidate, paths(), qemuUid());
        return withShares(spec, share -> {
            ShareChoice choice = kernelLacksIt
                    .map(why -> new ShareChoice(share.toNineP(qemuIsRoot()), why))
                    .orElseGet(() -> choose(share, context));
            choices.add("share \"" + share.tag() + "\" is by " + kind(choice.share()) + ": " + choice.reason());
            return choice.share();
        });
    }

    private static VmSpec withShares(VmSpec spec, Function<AutoShare, Share> decide) {
        List<Share> decided = new ArrayList<>();
        for (Share share : spec.shares()) {
            decided.add(share instanceof AutoShare auto ? decide.apply(auto) : share);
        }
        return VmSpec.builder().from(spec).shares(decided).build();
    }

    private ShareChoice choose(AutoShare share, HostContext context) {
        for (HostServiceProvider provider : host.providers()) {
            Optional<ShareChoice> choice = provider.choose(share, context);
            if (choice.isPresent()) {
                return choice.get();
            }
        }
        return new ShareChoice(
                share.toNineP(qemuIsRoot()),
                Thread.currentThread().isInterrupted()
                        ? "the search for virtiofsd was interrupted"
                        : "virtiofs needs the module dev.microvm:microvm-virtiofs, which is neither on the class path nor on the"
                                + " module path");
    }

    private static String kind(Share share) {
        return share instanceof VirtiofsShare
                ? "virtiofs"
                : share instanceof NinePShare ninep
                        ? "9p (security model " + ninep.securityModel().qemuName() + ")"
                        : share.getClass().getSimpleName();
    }

    /** A guest that boots a kernel of its own is taken to have the file system; without it, the mount says so. */
    private Optional<String> kernelLacksVirtiofs(VmSpec spec, VmSpec candidate) {
        if (!(spec.boot() instanceof HostRoot root)) {
            return Optional.empty();
        }
        VmSpec without = withShares(spec, share -> share.toNineP(false));
        Finding<KernelImage> with = find(root, candidate);
        if (with.value().isPresent() || find(root, without).value().isEmpty()) {
            return Optional.empty(); // where there is no kernel at all, that is the problem to tell
        }
        return Optional.of("the kernels here are without virtiofs: "
                + with.problems().get(0).detail());
    }

    private Finding<KernelImage> find(HostRoot root, VmSpec spec) {
        List<String> modules = GuestModules.of(spec);
        return root.kernel().isPresent()
                ? host.probe().kernels().check(root.kernel().get(), root.modules(), spec.architecture(), modules)
                : host.probe().kernels().find(spec.architecture(), modules);
    }

    /** Too long a path is told by the planner; here it must only not stand in the way. */
    private RuntimePaths paths() {
        return RuntimePaths.in(HostProblems.socketPaths(folder).isPresent() ? Path.of("/nowhere") : folder);
    }

    private boolean qemuIsRoot() {
        return host.uid() == 0 && options.qemuUser() == LaunchOptions.QemuUser.CALLER;
    }

    private OptionalInt qemuUid() {
        if (host.uid() != 0 || qemuIsRoot()) {
            return OptionalInt.empty();
        }
        try {
            return RunAs.nobody(false).map(user -> OptionalInt.of(user.uid())).orElseGet(OptionalInt::empty);
        } catch (IOException e) {
            return OptionalInt.empty(); // told by the planner
        }
    }
}
