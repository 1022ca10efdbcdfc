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
        BootFiles placed = placed(files, plan);
        copy(files.kernel(), placed.kernel(), plan);
        if (files.initrd().isPresent()) {
            copy(files.initrd().get(), placed.initrd().orElseThrow(), plan);
        }
        return placed;
    }

    /** {@return the boot files as a start would use them, nothing made} */
    static BootFiles dryRun(LaunchPlan plan, HostProbe probe) {
        try {
            if (plan.spec().boot() instanceof KernelBoot own) {
                return placed(own(own), plan);
            }
            KernelImage kernel = plan.kernel().orElseThrow();
            BootFiles files = new BootFiles(
                    probe.uncompressed().place(kernel),
                    Optional.of(Initramfs.place(
                            probe.cache(), kernel, plan.busybox().orElseThrow(), plan.spec())),
                    List.of());
            return placed(files, plan);
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

    /** The one rule for a start and for a dry run, before which the files need not be there. */
    private static BootFiles placed(BootFiles files, LaunchPlan plan) throws IOException {
        Path kernel = placed(files.kernel(), "kernel", plan);
        Optional<Path> initrd = Optional.empty();
        if (files.initrd().isPresent()) {
            initrd = Optional.of(placed(files.initrd().get(), "initrd", plan));
        }
        return new BootFiles(kernel, initrd, files.kernelParameters());
    }

    private static Path placed(Path file, String name, LaunchPlan plan) throws IOException {
        boolean readable = plan.runAs().isEmpty()
                || canRead(FileAccess.ofUser(plan.runAs().get().uid()), file);
        return readable ? file : plan.paths().folder().resolve(name);
    }

    /** What a cache makes can be read by all where they can pass the folders that are there; a umask that forbids it shows in the start only. */
    private static boolean canRead(FileAccess user, Path file) throws IOException {
        if (Files.exists(file)) {
            return user.canRead(file);
        }
        Path folder = file.getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        return folder != null && user.obstacleToPassing(folder).isEmpty();
    }

    private static void copy(Path file, Path placed, LaunchPlan plan) throws IOException {
        if (!placed.equals(file)) {
            RunAs user = plan.runAs().orElseThrow();
            Files.copy(file, placed);
            UnixOwner.give(placed, user.uid(), user.gid());
        }
    }
}
