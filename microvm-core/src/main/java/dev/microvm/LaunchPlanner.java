/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Problem;
import dev.microvm.internal.preflight.HostProblems;
import dev.microvm.internal.qemu.RuntimePaths;
import dev.microvm.spec.Share;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostService;
import dev.microvm.spi.HostServiceProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks at spec and host, decides everything and collects every problem; starts nothing that stays. */
final class LaunchPlanner {
    private final VmHost host;
    private final LaunchOptions options;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> choices = new ArrayList<>();

    LaunchPlanner(VmHost host, LaunchOptions options) {
        this.host = host;
        this.options = options;
    }

    LaunchPlan plan(VmSpec declared) throws InterruptedException {
        Path folder =
                options.id().map(id -> host.stateRoot().path().resolve(id)).orElseGet(host.stateRoot()::newFolder);
        VmSpec spec = new ShareDecision(host, options, folder, choices).in(expand(declared));
        HostLook look = new HostLook(host.probe(), host.environment(), spec, problems, choices);
        look.all();
        RuntimePaths paths = paths(folder, look.busybox());
        Optional<RunAs> runAs = chooseUser(look.kvm());
        OptionalInt qemuUid = runAs.map(user -> OptionalInt.of(user.uid())).orElseGet(OptionalInt::empty);
        host.stateRoot().problem(host.uid(), qemuUid).ifPresent(problems::add);
        VmContext context = new VmContext(host, spec, paths, qemuUid);
        look.checkAsUser(host.uid(), qemuUid);
        List<HostService> services = services(declared, spec, context);
        return new LaunchPlan(
                declared,
                spec,
                paths,
                look.facts(),
                look.kernel(),
                look.busybox(),
                runAs,
                context,
                services,
                problems,
                choices);
    }

    /** Too long a path is one of the problems; the plan then has a folder that no start will ever use. */
    private RuntimePaths paths(Path folder, Optional<Path> busybox) {
        Optional<Problem> tooLong = HostProblems.socketPaths(folder);
        tooLong.ifPresent(problems::add);
        if (options.id().isPresent() && Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            problems.add(new Problem(
                    "LaunchOptions.id",
                    folder + " exists: a VM of that name runs, or its state folder was kept",
                    "choose another id, stop that VM, or remove the folder"));
        }
        return new RuntimePaths(tooLong.isPresent() ? Path.of("/nowhere") : folder, busybox);
    }

    private VmSpec expand(VmSpec declared) {
        VmSpec spec = declared;
        for (SpecExtension extension : declared.extensions()) {
            Optional<HostServiceProvider> provider = providerOf(extension);
            if (provider.isPresent()) {
                spec = provider.get().expand(spec, extension);
            } else {
                problems.add(absent("extensions[" + extension.kind() + "]", extension.providedBy()));
            }
        }
        return spec;
    }

    private List<HostService> services(VmSpec declared, VmSpec spec, VmContext context) {
        List<HostService> services = new ArrayList<>();
        // First, so that they are the last to go.
        UpperLayerLock.of(spec, context).forEach(lock -> services.add(checked(lock, lock.check())));
        for (Share share : spec.shares()) {
            Optional<HostServiceProvider> provider =
                    host.providers().stream().filter(one -> one.serves(share)).findFirst();
            if (provider.isPresent()) {
                services.add(ofShare(share, provider.get().serviceFor(share, context)));
            } else if (share instanceof VirtiofsShare) {
                problems.add(absent("shares[tag=" + share.tag() + "]", "dev.microvm:microvm-virtiofs"));
            }
        }
        Set<String> own = declared.shares().stream().map(Share::tag).collect(Collectors.toSet());
        List<Share> added = spec.shares().stream()
                .filter(share -> !own.contains(share.tag()))
                .toList();
        for (SpecExtension extension : spec.extensions()) {
            providerOf(extension)
                    .ifPresent(provider -> services.add(ofExtension(added, provider.serviceFor(extension, context))));
        }
        return services;
    }

    /** Whoever serves a share knows better what is wrong with it than the general look at its folder: one problem is told once. */
    private HostService ofShare(Share share, HostService service) {
        List<Problem> found = service.check();
        if (found.stream().anyMatch(problem -> problem.subject().equals(subjectOf(share)))) {
            problems.removeIf(problem -> problem.subject().equals(subjectOf(share)));
        }
        return checked(service, found);
    }

    /** What an extension finds wrong it tells in its own words; that a share of its making has no folder follows from it. */
    private HostService ofExtension(List<Share> itsShares, HostService service) {
        List<Problem> found = service.check();
        if (!found.isEmpty()) {
            itsShares.forEach(
                    share -> problems.removeIf(problem -> problem.subject().equals(subjectOf(share))));
        }
        return checked(service, found);
    }

    private static String subjectOf(Share share) {
        return "shares[tag=" + share.tag() + "].source";
    }

    private HostService checked(HostService service, List<Problem> found) {
        problems.addAll(found);
        service.choices().forEach(choice -> choices.add(service.name() + ": " + choice));
        return service;
    }

    private Optional<HostServiceProvider> providerOf(SpecExtension extension) {
        return host.providers().stream()
                .filter(provider -> provider.serves(extension.kind()))
                .findFirst();
    }

    private static Problem absent(String subject, String coordinates) {
        return new Problem(
                subject,
                "no module that provides it is on the class path or module path",
                "add the Maven dependency " + coordinates + " (or register its HostServiceProvider on the VmHost)");
    }

    private Optional<RunAs> chooseUser(boolean kvm) {
        if (host.uid() != 0 || options.qemuUser() == LaunchOptions.QemuUser.CALLER) {
            if (host.uid() == 0) {
                choices.add("QEMU runs as root, as asked: the guest can read everything on this host that is shared");
            }
            return Optional.empty();
        }
        try {
            Optional<RunAs> nobody = RunAs.nobody(kvm);
            if (nobody.isPresent()) {
                choices.add("QEMU runs as nobody: the caller is root, and a guest can read what its QEMU can");
                return nobody;
            }
            problems.add(new Problem(
                    "qemuUser",
                    "the caller is root and /etc/passwd has no user nobody to run QEMU as",
                    "create that user, or say LaunchOptions.qemuUser(QemuUser.CALLER)"));
        } catch (IOException e) {
            problems.add(new Problem(
                    "qemuUser",
                    "cannot read /etc/passwd: " + e.getMessage(),
                    "say LaunchOptions.qemuUser(QemuUser.CALLER)"));
        }
        return Optional.empty();
    }
}
