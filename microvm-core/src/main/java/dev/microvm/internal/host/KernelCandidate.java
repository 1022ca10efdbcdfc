/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A kernel image that was found, and where its modules may be.
 *
 * @param image the image
 * @param release the release in its name
 * @param moduleFolders where its modules are looked for, in this order
 */
record KernelCandidate(Path image, String release, List<Path> moduleFolders) {
    /** Offset and value of the boot header's magic, "HdrS" (Linux, Documentation/arch/x86/boot.rst). */
    private static final int X86_MAGIC_AT = 0x202;

    private static final int X86_MAGIC = 0x5372_6448;
    private static final int ELF_MAGIC = 0x464c_457f;

    /** Why a candidate does not serve, and what would make it. */
    record Rejection(String why, String cure) {}

    /** {@return the candidate as a kernel, or why it does not serve} */
    KernelJudgement judge(Architecture architecture, Collection<String> modules, boolean zstd) {
        if (!Files.isRegularFile(image)) {
            return rejected("there is no such file", "name an existing kernel image");
        }
        if (!Files.isReadable(image)) {
            return rejected(
                    "this user may not read it" + mode(),
                    "sudo chmod a+r " + image + " (Ubuntu installs kernels with mode 0600)");
        }
        Optional<KernelJudgement> foreign = foreign(architecture);
        if (foreign.isPresent()) {
            return foreign.get();
        }
        Optional<Path> folder = moduleFolders.stream()
                .filter(path -> Files.isReadable(path.resolve("modules.dep")))
                .findFirst();
        if (folder.isEmpty()) {
            return rejected(
                    "its modules are not there: no readable modules.dep in " + moduleFolders,
                    "install the package this kernel is from as a whole, or run depmod");
        }
        return withModules(folder.get(), modules, zstd);
    }

    private KernelJudgement withModules(Path folder, Collection<String> modules, boolean zstd) {
        try {
            KernelModules found = KernelModules.read(folder);
            List<String> missing = found.missing(modules);
            if (!missing.isEmpty()) {
                return rejected("it lacks the modules " + String.join(", ", missing), missingCure(missing));
            }
            List<ModuleFile> files = new ArrayList<>(found.loadOrder(modules));
            Optional<ModuleFile> gone = files.stream()
                    .filter(file -> !Files.isReadable(file.file()))
                    .findFirst();
            if (gone.isPresent()) {
                return rejected(
                        "the module " + gone.get().file() + " cannot be read", "reinstall the kernel's package");
            }
            if (!zstd && files.stream().anyMatch(ModuleFile::needsZstd)) {
                return rejected(
                        "its modules are compressed with zstd, and there is no program zstd",
                        "install the package zstd");
            }
            return new KernelJudgement(Optional.of(new KernelImage(image, folder, release)), Optional.empty());
        } catch (IOException e) {
            return rejected("its modules cannot be read: " + e.getMessage(), "reinstall the kernel's package");
        }
    }

    private static String missingCure(List<String> missing) {
        return missing.stream().anyMatch(name -> name.startsWith("9p"))
                ? "use a kernel with 9p: Debian's cloud kernels have none, the package linux-image-amd64 (arm64: linux-image-arm64) has it"
                : "use a distribution's general kernel, such as Debian's linux-image-amd64";
    }

    private Optional<KernelJudgement> foreign(Architecture architecture) {
        try {
            boolean x86 = isX86();
            return x86 == (architecture == Architecture.X86_64)
                    ? Optional.empty()
                    : Optional.of(rejected(
                            "it is not a kernel for " + architecture.qemuName(),
                            "name a kernel for " + architecture.qemuName()));
        } catch (IOException e) {
            return Optional.of(rejected("it cannot be read: " + e.getMessage(), "name a readable kernel image"));
        }
    }

    /** An x86 boot image, or an ELF kernel, which QEMU starts through PVH. */
    private boolean isX86() throws IOException {
        try (InputStream in = Files.newInputStream(image)) {
            ByteBuffer head =
                    ByteBuffer.wrap(in.readNBytes(X86_MAGIC_AT + Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            return head.limit() >= X86_MAGIC_AT + Integer.BYTES
                    && (head.getInt(X86_MAGIC_AT) == X86_MAGIC || head.getInt(0) == ELF_MAGIC);
        }
    }

    private String mode() {
        try {
            return " (mode " + Integer.toOctalString((int) Files.getAttribute(image, "unix:mode") & 0xfff) + ")";
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    private static KernelJudgement rejected(String why, String cure) {
        return new KernelJudgement(Optional.empty(), Optional.of(new Rejection(why, cure)));
    }

    /** What became of a candidate: exactly one of both is present. */
    record KernelJudgement(Optional<KernelImage> kernel, Optional<Rejection> rejection) {}
}
