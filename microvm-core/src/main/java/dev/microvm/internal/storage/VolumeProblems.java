/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.FileAccess;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the images of a spec's volumes are what the spec says, or can be made so; changes nothing. */
public final class VolumeProblems {
    private static final long MIB = 1 << 20;

    private final VolumeTools tools;
    private final Optional<FileAccess> qemu;
    private final List<Problem> problems = new ArrayList<>();

    private VolumeProblems(Map<String, String> environment, Optional<FileAccess> qemu) {
        this.tools = new VolumeTools(environment);
        this.qemu = qemu;
    }

    /**
     * {@return every problem of the volumes}
     *
     * @param spec the spec, extensions written out
     * @param environment where {@code PATH} is taken from
     * @param qemu what the user QEMU runs as may do, where that is not the caller
     */
    public static List<Problem> of(VmSpec spec, Map<String, String> environment, Optional<FileAccess> qemu) {
        VolumeProblems check = new VolumeProblems(environment, qemu);
        spec.volumes().forEach(check::volume);
        check.sameFile(spec.volumes());
        return List.copyOf(check.problems);
    }

    private void volume(Volume volume) {
        Path image = volume.image().toAbsolutePath();
        String subject = "volumes[image=" + volume.image() + "]";
        try {
            if (Files.exists(image)) {
                existing(volume, image, subject);
            } else if (Files.isSymbolicLink(image)) {
                add(subject, "the image is a link that leads nowhere", "remove the link, or make what it names");
            } else if (volume.createMib().isPresent()) {
                missing(volume, image, subject);
            } else {
                add(
                        subject,
                        "the image does not exist",
                        "let it be created: createMib(1024); or create it: truncate -s 1G " + image);
            }
        } catch (IOException | UnsupportedOperationException e) {
            add(subject, "the image cannot be looked at: " + e, "name a readable file");
        }
    }

    private void add(String subject, String detail, String cure) {
        problems.add(new Problem(subject, detail, cure));
    }

    private void existing(Volume volume, Path image, String subject) throws IOException {
        if (Files.isDirectory(image) || !Files.isReadable(image)) {
            add(subject, "the image cannot be read by this user", "name a readable file");
            return;
        }
        if (!volume.readOnly() && !Files.isWritable(image)) {
            add(subject, "the image cannot be written by this user", "make it writable, or say readOnly(true)");
            return;
        }
        byQemu(volume, image, subject);
        if (Files.isRegularFile(image)) {
            content(volume, image, subject);
        }
    }

    private void byQemu(Volume volume, Path image, String subject) throws IOException {
        if (qemu.isEmpty()) {
            return;
        }
        Optional<String> obstacle = volume.readOnly()
                ? qemu.get().obstacleToReading(image)
                : qemu.get().obstacleToChanging(image);
        obstacle.ifPresent(what -> add(
                subject,
                "QEMU runs as the user " + qemu.get().uid() + ", and " + what,
                "chown " + qemu.get().uid() + " " + image + " and let that user pass the folders above, or say"
                        + " LaunchOptions.qemuUser(QemuUser.CALLER)"));
    }

    private void content(Volume volume, Path image, String subject) throws IOException {
        ImageFile found = ImageFile.read(image);
        if (found.format() != volume.format()) {
            otherFormat(image, subject, found);
            return;
        }
        if (found.otherFile().isPresent() && !volume.linked()) {
            add(
                    subject,
                    "the image names " + found.otherFile().get() + ", which QEMU would open for the guest",
                    "if you made it so yourself, say linked(true), or make it whole: qemu-img convert -O qcow2 " + image
                            + " NEW, and name that one; else do neither, for both give the guest that file's content: a guest"
                            + " that had the image as raw may have written that name, to read a file of this host");
            return;
        }
        volume.createMib()
                .filter(mib -> mib * MIB != found.bytes())
                .ifPresent(mib -> size(volume, image, subject, mib, found.bytes()));
    }

    /** A raw image begins with what its guest has written there, so that it looks like qcow2 is no reason to open it as such. */
    private void otherFormat(Path image, String subject, ImageFile found) {
        if (found.format() == VolumeFormat.RAW) {
            add(
                    subject,
                    "is raw by its first bytes, and format says qcow2",
                    "say format(VolumeFormat.RAW), or name the right file");
            return;
        }
        add(
                subject,
                "is qcow2 by its first bytes, and format says raw"
                        + found.otherFile().map(file -> "; it names " + file).orElse(""),
                "only if you made it as qcow2 and no guest has ever had it as raw, say format(VolumeFormat.QCOW2); else a"
                        + " guest may have written those bytes, which can name any file of this host for QEMU to open: keep"
                        + " RAW, and blank them: dd if=/dev/zero of=" + image + " bs=4 count=1 conv=notrunc");
    }

    private void size(Volume volume, Path image, String subject, int mib, long bytes) {
        if (bytes == 0) {
            add(
                    subject,
                    "the image is empty, as one is whose start was killed",
                    "rm " + image + ", and it is made anew");
            return;
        }
        String is = bytes % MIB == 0 ? bytes / MIB + " MiB" : bytes + " bytes";
        String cure;
        if (bytes > mib * MIB) {
            cure = bytes % MIB == 0
                    ? "say createMib(" + bytes / MIB + "): made smaller it would lose what is at its end"
                    : "leave createMib out: made smaller it would lose what is at its end";
        } else {
            String grow = volume.format() == VolumeFormat.RAW
                    ? "truncate -s " + mib + "M " + image
                    : "qemu-img resize " + image + " " + mib + "M";
            cure = grow + " while no VM uses it"
                    + volume.fileSystem().map(VolumeProblems::growth).orElse("")
                    + "; or say createMib(" + Math.max(1, bytes / MIB) + ")";
        }
        add(
                subject + ".createMib",
                "says " + mib + " MiB, and the image has " + is + "; nothing is resized by itself",
                cure);
    }

    private static String growth(FileSystem fileSystem) {
        return switch (fileSystem) {
            case EXT2, EXT3, EXT4 -> ", then in the guest: resize2fs DEVICE";
            case XFS -> ", then in the guest: xfs_growfs MOUNTPOINT";
            case BTRFS -> ", then in the guest: btrfs filesystem resize max MOUNTPOINT";
            case VFAT -> "; vfat does not grow, copy its content";
        };
    }

    private void missing(Volume volume, Path image, String subject) throws IOException {
        problems.addAll(tools.missing(volume, subject));
        Path folder = image.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            add(subject, "the folder of the image, " + folder + ", does not exist", "mkdir -p " + folder);
            return;
        }
        if (!Files.isWritable(folder)) {
            add(
                    subject,
                    "this user may not create the image in " + folder,
                    "name another folder, or chmod u+w " + folder);
        }
        if (qemu.isPresent()) {
            qemu.get()
                    .obstacleToPassing(folder)
                    .ifPresent(what -> add(
                            subject,
                            "QEMU runs as the user " + qemu.get().uid() + ", and " + what,
                            "chmod o+x that folder, name another one, or say LaunchOptions.qemuUser(QemuUser.CALLER)"));
        }
        long free = Files.getFileStore(folder).getUsableSpace() / MIB;
        int wanted = volume.createMib().orElseThrow();
        if (free < wanted) {
            add(
                    subject + ".createMib",
                    "says " + wanted + " MiB, and " + folder + " has " + free
                            + " MiB left: a guest that fills its disk would be stopped for want of space",
                    "use less, make room, or create the image yourself, which is taken as it is: truncate -s " + wanted
                            + "M " + image);
        }
    }

    /** One file by two names would be opened twice, and QEMU's lock says only that it is. */
    private void sameFile(List<Volume> volumes) {
        for (int i = 0; i < volumes.size(); i++) {
            for (int j = i + 1; j < volumes.size(); j++) {
                Path one = volumes.get(i).image();
                Path two = volumes.get(j).image();
                if (!one.equals(two) && isSame(one, two)) {
                    add("volumes[image=" + two + "]", "is the same file as " + one, "give each volume its own image");
                }
            }
        }
    }

    private static boolean isSame(Path one, Path two) {
        try {
            return Files.exists(one) && Files.exists(two) && Files.isSameFile(one, two);
        } catch (IOException e) {
            return false;
        }
    }
}
