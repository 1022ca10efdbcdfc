/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.preflight;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.FileAccess;
import dev.microvm.internal.host.HostMemory;
import dev.microvm.internal.host.HostPlatform;
import dev.microvm.internal.host.StaticBusybox;
import dev.microvm.internal.process.ProgramSearch;
import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.internal.qemu.RuntimePaths;
import dev.microvm.internal.storage.PersistentFolders;
import dev.microvm.internal.storage.VolumeProblems;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything on the host that keeps a spec from running, all at once, each with its cure. Starts no program and changes nothing; QEMU and
 * its accelerator are probed by {@link dev.microvm.internal.host.HostProbe}, relations within the spec are checked without a host.
 */
public final class HostProblems {
    private final Map<String, String> environment;
    private final HostPlatform platform;
    private final Optional<HostMemory> memory;
    private final Optional<FileAccess> qemuUser;
    private final DeviceProblems devices;

    /**
     * Looks at this host.
     *
     * @param environment where {@code PATH} and overrides are read from
     * @param qemuUid the user QEMU runs as, where that is not the caller
     */
    public HostProblems(Map<String, String> environment, OptionalInt qemuUid) {
        this(environment, HostPlatform.current(), HostMemory.current(), qemuUid, Path.of("/"));
    }

    HostProblems(
            Map<String, String> environment,
            HostPlatform platform,
            Optional<HostMemory> memory,
            OptionalInt qemuUid,
            Path root) {
        this.environment = Map.copyOf(environment);
        this.platform = platform;
        this.memory = memory;
        this.qemuUser = qemuUid.isPresent() ? Optional.of(FileAccess.ofUser(qemuUid.getAsInt())) : Optional.empty();
        this.devices = new DeviceProblems(root);
    }

    /**
     * {@return every problem; on a host that is not Linux only that one}
     *
     * @param spec the spec, extensions written out
     * @param ofHostRoot the problems of what a {@link HostRoot} boots: those of finding a kernel and a busybox
     */
    public List<Problem> problems(VmSpec spec, List<Problem> ofHostRoot) {
        if (platform.problem().isPresent()) {
            return platform.problem().stream().toList();
        }
        List<Problem> problems = new ArrayList<>();
        lifelinePrograms(problems);
        boot(spec, ofHostRoot, problems);
        spec.shares().forEach(share -> share(share).ifPresent(problems::add));
        problems.addAll(NestedMountProblems.of(spec, qemuUser));
        spec.forwards().forEach(forward -> PortProblems.of(forward).ifPresent(problems::add));
        relay(spec).ifPresent(problems::add);
        memory(spec).ifPresent(problems::add);
        problems.addAll(VolumeProblems.of(spec, environment, qemuUser));
        problems.addAll(PersistentFolders.problems(spec));
        problems.addAll(devices.of(spec));
        return List.copyOf(problems);
    }

    /**
     * {@return the problem of a state folder whose sockets would have paths too long to be bound}
     *
     * @param stateFolder the folder, absolute; it need not exist
     */
    public static Optional<Problem> socketPaths(Path stateFolder) {
        try {
            RuntimePaths.in(stateFolder);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(new Problem(
                    "state folder",
                    String.valueOf(e.getMessage()),
                    "set XDG_RUNTIME_DIR to a short path, such as /run/user/UID"));
        }
    }

    private void lifelinePrograms(List<Problem> problems) {
        for (String program : List.of("sh", "setsid", "setpriv")) {
            if (ProgramSearch.find(program, environment).isEmpty()) {
                problems.add(new Problem(
                        program,
                        "not in PATH (" + environment.getOrDefault("PATH", "not set")
                                + "); the lifeline, which keeps a VM from outliving its JVM, runs it",
                        program.equals("sh") ? "install a shell" : "install util-linux"));
            }
        }
    }

    private void boot(VmSpec spec, List<Problem> ofHostRoot, List<Problem> problems) {
        if (spec.boot() instanceof HostRoot root) {
            problems.addAll(ofHostRoot);
            FolderProblems.of("HostRoot.root", root.root(), qemuUser, false).ifPresent(problems::add);
        } else if (spec.boot() instanceof KernelBoot boot) {
            // QEMU reads both before it drops its privileges.
            readable("KernelBoot.kernel", boot.kernel()).ifPresent(problems::add);
            boot.initrd().flatMap(file -> readable("KernelBoot.initrd", file)).ifPresent(problems::add);
        }
    }

    private static Optional<Problem> readable(String subject, Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.of(new Problem(
                    subject,
                    file + (Files.exists(file) ? " is not a file" : " does not exist"),
                    "name an existing file"));
        }
        return Files.isReadable(file)
                ? Optional.empty()
                : Optional.of(new Problem(subject, "this user may not read " + file, "sudo chmod a+r " + file));
    }

    /** QEMU itself serves 9p; virtiofs is served by a daemon that runs as the caller. */
    private Optional<Problem> share(Share share) {
        return FolderProblems.of(
                "shares[tag=" + share.tag() + "].source",
                share.source(),
                share instanceof NinePShare ? qemuUser : Optional.empty(),
                !share.readOnly());
    }

    /**
     * {@return the busybox whose {@code nc} QEMU starts for each connection from the guest; it need not be a static one, but other
     * programs of that name differ too much}
     */
    public static Optional<Path> relayBusybox(Map<String, String> environment) {
        return StaticBusybox.find(environment).value().or(() -> ProgramSearch.find("busybox", environment));
    }

    private Optional<Problem> relay(VmSpec spec) {
        boolean told = spec.boot() instanceof HostRoot;
        if (!QemuCommandLine.hasGuestCalls(spec)
                || told
                || relayBusybox(environment).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                "forwards",
                "a forward from the guest to the host needs the nc of a busybox, and there is none in PATH",
                "install busybox-static, or let the guest connect to 10.0.2.2, which is the host's loopback"));
    }

    private Optional<Problem> memory(VmSpec spec) {
        return memory.filter(host -> spec.memoryMib() > host.totalMib())
                .map(host -> new Problem(
                        "memoryMib",
                        spec.memoryMib() + " MiB are asked for; the host has " + host.totalMib() + " MiB, of which "
                                + host.availableMib() + " MiB are available",
                        "use less, at most " + host.availableMib() + " MiB"));
    }
}
