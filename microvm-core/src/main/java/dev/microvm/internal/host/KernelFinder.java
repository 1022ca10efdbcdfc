/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Architecture;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a kernel with the modules that a guest needs. Never the running one by its name: inside a container {@code uname -r} speaks of a
 * kernel that is not there.
 *
 * <p>{@code MICROVM_KERNEL} (an image; its modules in {@code MICROVM_MODULES}, or beside it as a package lays them out) is taken or
 * refused, nothing else is looked at. Else these trees are gone through, the newest kernel of a tree first: {@code MICROVM_KERNEL_ROOT}, the
 * host's own root, and each folder of {@code kernels} in the cache.
 */
public final class KernelFinder {
    private static final String IMAGE_PREFIX = "vmlinuz-";

    private final Map<String, String> environment;
    private final CacheFolder cache;
    private final Path hostRoot;
    private final Zstd zstd;

    KernelFinder(Map<String, String> environment, CacheFolder cache, Zstd zstd) {
        this(environment, cache, zstd, Path.of("/"));
    }

    KernelFinder(Map<String, String> environment, CacheFolder cache, Zstd zstd, Path hostRoot) {
        this.environment = Map.copyOf(environment);
        this.cache = cache;
        this.zstd = zstd;
        this.hostRoot = hostRoot;
    }

    /**
     * {@return the kernel, or each candidate with the reason why it does not serve, and the cures}
     *
     * @param architecture the guest's architecture
     * @param modules names of the modules needed, {@code -} and {@code _} equal; built-in ones count
     */
    public Finding<KernelImage> find(Architecture architecture, Collection<String> modules) {
        String given = environment.getOrDefault("MICROVM_KERNEL", "");
        if (!given.isEmpty()) {
            return firstOf(List.of(given(Path.of(given))), architecture, modules, "MICROVM_KERNEL");
        }
        List<KernelCandidate> candidates = new ArrayList<>();
        for (Path root : roots()) {
            candidates.addAll(candidatesIn(root));
        }
        return firstOf(candidates, architecture, modules, "kernel");
    }

    /**
     * {@return a kernel that the spec names, or why it does not serve}
     *
     * @param image the kernel image
     * @param moduleFolder its module folder; absent: where its package puts it, relative to the image
     * @param architecture the guest's architecture
     * @param modules names of the modules needed
     */
    public Finding<KernelImage> check(
            Path image, Optional<Path> moduleFolder, Architecture architecture, Collection<String> modules) {
        KernelCandidate candidate = moduleFolder
                .map(folder -> new KernelCandidate(image, releaseOf(image), List.of(folder)))
                .orElseGet(() -> besides(image));
        return firstOf(List.of(candidate), architecture, modules, "HostRoot.kernel");
    }

    private KernelCandidate given(Path image) {
        String modules = environment.getOrDefault("MICROVM_MODULES", "");
        return modules.isEmpty()
                ? besides(image)
                : new KernelCandidate(image, releaseOf(image), List.of(Path.of(modules)));
    }

    /** The layout of packages: {@code ROOT/boot/vmlinuz-RELEASE} and {@code ROOT/lib/modules/RELEASE}. */
    private KernelCandidate besides(Path image) {
        Path boot = image.toAbsolutePath().getParent();
        Path root = boot == null || boot.getParent() == null ? hostRoot : boot.getParent();
        String release = releaseOf(image);
        List<Path> folders = new ArrayList<>(moduleFolders(root, release));
        if (!root.equals(hostRoot)) {
            folders.addAll(moduleFolders(hostRoot, release));
        }
        return new KernelCandidate(image, release, folders);
    }

    private static String releaseOf(Path image) {
        String name = String.valueOf(image.getFileName());
        return name.startsWith(IMAGE_PREFIX) ? name.substring(IMAGE_PREFIX.length()) : name;
    }

    private List<Path> roots() {
        Set<Path> roots = new LinkedHashSet<>();
        String given = environment.getOrDefault("MICROVM_KERNEL_ROOT", "");
        if (!given.isEmpty()) {
            roots.add(Path.of(given));
        }
        roots.add(hostRoot);
        List<Path> cached = list(cache.root().resolve("kernels"), "*");
        cached.sort(
                Comparator.comparing(path -> String.valueOf(path.getFileName()), new KernelReleaseOrder().reversed()));
        roots.addAll(cached);
        return List.copyOf(roots);
    }

    private static List<KernelCandidate> candidatesIn(Path root) {
        List<KernelCandidate> candidates = new ArrayList<>();
        for (Path image : list(root.resolve("boot"), IMAGE_PREFIX + "*")) {
            String release = releaseOf(image);
            candidates.add(new KernelCandidate(image, release, moduleFolders(root, release)));
        }
        for (String modules : List.of("lib/modules", "usr/lib/modules")) {
            for (Path folder : list(root.resolve(modules), "*")) {
                addImageAmongModules(candidates, folder);
            }
        }
        candidates.sort(Comparator.comparing(KernelCandidate::release, new KernelReleaseOrder().reversed()));
        return candidates;
    }

    /** Fedora and Arch keep the image in the module folder too, and there any user may read it. */
    private static void addImageAmongModules(List<KernelCandidate> candidates, Path folder) {
        Path image = folder.resolve("vmlinuz");
        String release = String.valueOf(folder.getFileName());
        if (Files.isRegularFile(image)
                && candidates.stream()
                        .noneMatch(known -> known.release().equals(release) && Files.isReadable(known.image()))) {
            candidates.add(new KernelCandidate(image, release, List.of(folder)));
        }
    }

    private static List<Path> moduleFolders(Path root, String release) {
        return List.of(
                root.resolve("lib/modules").resolve(release),
                root.resolve("usr/lib/modules").resolve(release));
    }

    private static List<Path> list(Path folder, String glob) {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
            entries.forEach(paths::add);
        } catch (IOException | DirectoryIteratorException e) {
            // A folder that is not there or not readable holds no kernel; the message lists where was looked.
        }
        return paths;
    }

    private Finding<KernelImage> firstOf(
            List<KernelCandidate> candidates, Architecture architecture, Collection<String> modules, String subject) {
        List<String> reasons = new ArrayList<>();
        Set<String> cures = new LinkedHashSet<>();
        for (KernelCandidate candidate : candidates) {
            KernelCandidate.KernelJudgement judgement = candidate.judge(architecture, modules, zstd.isAvailable());
            if (judgement.kernel().isPresent()) {
                return Finding.of(judgement.kernel().get());
            }
            judgement.rejection().ifPresent(rejection -> {
                reasons.add(candidate.image() + ": " + rejection.why());
                cures.add(rejection.cure());
            });
        }
        if (reasons.isEmpty()) {
            reasons.add("no boot/" + IMAGE_PREFIX + "* in " + roots());
            cures.add(
                    "install a kernel (Debian: apt install linux-image-amd64; it need not be booted), or set MICROVM_KERNEL_ROOT to a"
                            + " folder with boot/ and lib/modules/");
        }
        return Finding.problem(subject, "no kernel serves: " + String.join("; ", reasons), String.join("; or ", cures));
    }
}
