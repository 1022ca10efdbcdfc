/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.error.Problem;
import dev.microvm.internal.process.ProgramSearch;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The programs that make images and file systems: found, and run. */
final class VolumeTools {
    private static final String QEMU_IMG = "qemu-img";

    /** To make a file system of a terabyte takes seconds; a disk that hangs must not hang the start for ever. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Map<String, String> environment;

    /** Where administrators' programs are is often not in the {@code PATH} of other users. */
    VolumeTools(Map<String, String> environment) {
        Map<String, String> wider = new HashMap<>(environment);
        wider.merge("PATH", "/usr/local/sbin:/usr/sbin:/sbin", (own, more) -> own + ":" + more);
        this.environment = Map.copyOf(wider);
    }

    /** {@return the programs that a volume's creation needs and that are not there} */
    List<Problem> missing(Volume volume, String subject) {
        List<Problem> problems = new ArrayList<>();
        volume.fileSystem()
                .filter(fileSystem -> find(program(fileSystem)).isEmpty())
                .ifPresent(fileSystem -> problems.add(new Problem(
                        subject,
                        "to make a " + fileSystem.kernelName() + " file system takes " + program(fileSystem)
                                + ", which is not in PATH",
                        "install " + fileSystem.debianPackage())));
        if (volume.format() == VolumeFormat.QCOW2 && find(QEMU_IMG).isEmpty()) {
            problems.add(new Problem(
                    subject,
                    "to make a qcow2 image takes qemu-img, which is not in PATH",
                    "install qemu-utils, or use VolumeFormat.RAW, which is sparse too"));
        }
        return problems;
    }

    private static String program(FileSystem fileSystem) {
        return "mkfs." + fileSystem.kernelName();
    }

    private Optional<Path> find(String program) {
        return ProgramSearch.find(program, environment);
    }

    /** Makes the file system of a volume in a raw image. */
    void makeFileSystem(Volume volume, PrivateFolder folder, String image) throws IOException, InterruptedException {
        FileSystem fileSystem = volume.fileSystem().orElseThrow();
        List<String> arguments = new ArrayList<>();
        String labelOption = "-L";
        switch (fileSystem) {
            // -F, -f: it is a file, not a device, and that is meant.
            case EXT2, EXT3, EXT4 -> arguments.addAll(List.of("-q", "-F"));
            case XFS, BTRFS -> arguments.addAll(List.of("-q", "-f"));
            case VFAT -> labelOption = "-n";
        }
        if (volume.label().isPresent()) {
            arguments.addAll(List.of(labelOption, volume.label().get()));
        }
        arguments.addAll(volume.mkfsArguments());
        arguments.add(image);
        run(folder, program(fileSystem), arguments);
    }

    /** Makes an empty qcow2 image. */
    void createQcow2(PrivateFolder folder, String image, long bytes) throws IOException, InterruptedException {
        run(folder, QEMU_IMG, List.of("create", "-q", "-f", "qcow2", image, Long.toString(bytes)));
    }

    /** Makes a qcow2 image with the content of a raw one. */
    void convertToQcow2(PrivateFolder folder, String raw, String image) throws IOException, InterruptedException {
        run(folder, QEMU_IMG, List.of("convert", "-q", "-f", "raw", "-O", "qcow2", raw, image));
    }

    private void run(PrivateFolder folder, String program, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(find(program)
                .orElseThrow(() -> new IOException(program + " has gone from PATH since the preflight"))
                .toAbsolutePath()
                .toString());
        command.addAll(arguments);
        folder.run(command, LIMIT);
    }
}
