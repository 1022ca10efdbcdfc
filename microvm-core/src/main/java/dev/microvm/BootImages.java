/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.internal.image.Initramfs;
import dev.microvm.internal.life.UnixOwner;
import dev.microvm.internal.qemu.BootFiles;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The kernel and the initramfs that a VM boots, where its QEMU can read them. */
final class BootImages {
    private BootImages() {}

    /** {@return the boot files, the initramfs built or taken from the cache, copied into the state folder where QEMU's user cannot reach them} */
    static BootFiles prepare(LaunchPlan plan, Path cacheFolder) throws IOException {
        BootFiles files = files(plan, Optional.of(cacheFolder));
        if (plan.runAs().isEmpty()) {
            return files;
        }
        RunAs user = plan.runAs().get();
        Path kernel = reachable(files.kernel(), "kernel", user, plan);
        Optional<Path> initrd = Optional.empty();
        if (files.initrd().isPresent()) {
            initrd = Optional.of(reachable(files.initrd().get(), "initrd", user, plan));
        }
        return new BootFiles(kernel, initrd, files.kernelParameters());
    }

    /** {@return the boot files as they would be, nothing built} */
    static BootFiles dryRun(LaunchPlan plan) {
        try {
            return files(plan, Optional.empty());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static BootFiles files(LaunchPlan plan, Optional<Path> cacheFolder) throws IOException {
        BootSource boot = plan.spec().boot();
        if (boot instanceof KernelBoot own) {
            return new BootFiles(own.kernel(), own.initrd(), own.parameters());
        }
        if (!(boot instanceof HostRoot)) {
            throw new IllegalStateException("unknown boot source " + boot);
        }
        Path initramfs = cacheFolder.isPresent()
                ? Initramfs.cached(
                        cacheFolder.get(),
                        plan.kernel().orElseThrow(),
                        plan.busybox().orElseThrow(),
                        plan.spec())
                : plan.paths().folder().resolve("initrd");
        return new BootFiles(plan.kernel().orElseThrow().image(), Optional.of(initramfs), List.of());
    }

    private static Path reachable(Path file, String name, RunAs user, LaunchPlan plan) throws IOException {
        if (UnixOwner.canRead(file, user.uid(), user.gid())) {
            return file;
        }
        Path copy = plan.paths().folder().resolve(name);
        Files.copy(file, copy);
        UnixOwner.give(copy, user.uid(), user.gid());
        return copy;
    }
}
