/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.internal.host.FileAccess;
import dev.microvm.internal.host.HostProbe;
import dev.microvm.internal.host.KernelImage;
import dev.microvm.internal.image.Initramfs;
import dev.microvm.internal.life.UnixOwner;
import dev.microvm.internal.qemu.BootFiles;
import dev.microvm.spec.KernelBoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The kernel and the initramfs that a VM boots, where its QEMU can read them. */
final class BootImages {
    private BootImages() {}

    /** {@return the boot files, the initramfs built or taken from the cache, copied into the state folder where QEMU's user cannot reach them} */
    static BootFiles prepare(LaunchPlan plan, HostProbe probe) throws IOException, InterruptedException {
        BootFiles files = made(plan, probe);
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

    /** {@return the boot files as a start would use them, nothing made} */
    static BootFiles dryRun(LaunchPlan plan, HostProbe probe) {
        if (plan.spec().boot() instanceof KernelBoot own) {
            return own(own);
        }
        KernelImage kernel = plan.kernel().orElseThrow();
        try {
            return new BootFiles(
                    probe.uncompressed().place(kernel),
                    Optional.of(Initramfs.place(
                            probe.cache(), kernel, plan.busybox().orElseThrow(), plan.spec())),
                    List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BootFiles made(LaunchPlan plan, HostProbe probe) throws IOException, InterruptedException {
        if (plan.spec().boot() instanceof KernelBoot own) {
            return own(own);
        }
        KernelImage kernel = plan.kernel().orElseThrow();
        return new BootFiles(
                probe.uncompressed().of(kernel),
                Optional.of(Initramfs.cached(
                        probe.cache(), kernel, probe.zstd(), plan.busybox().orElseThrow(), plan.spec())),
                List.of());
    }

    private static BootFiles own(KernelBoot own) {
        // Absolute, so that run.sh replays from anywhere.
        return new BootFiles(own.kernel().toAbsolutePath(), own.initrd().map(Path::toAbsolutePath), List.of());
    }

    private static Path reachable(Path file, String name, RunAs user, LaunchPlan plan) throws IOException {
        if (FileAccess.ofUser(user.uid()).canRead(file)) {
            return file;
        }
        Path copy = plan.paths().folder().resolve(name);
        Files.copy(file, copy);
        UnixOwner.give(copy, user.uid(), user.gid());
        return copy;
    }
}
