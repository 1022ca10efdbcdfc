/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.FileAccess;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images are looked at and made with programs that only write down how they were called; the real ones are in VolumesIT. */
class VolumesOnHostTest {
    @TempDir
    private Path temp;

    private Path bin;
    private Path image;

    @BeforeEach
    void folders() throws IOException {
        bin = Files.createDirectory(temp.resolve("bin"));
        image = Files.createDirectory(temp.resolve("images")).resolve("disk");
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(
                bin.resolve(name), "#!/bin/sh\necho \"${0##*/} $*\" >>" + temp + "/calls\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(temp.resolve("calls"));
    }

    private VolumeImages images() {
        return new VolumeImages(Map.of("PATH", bin.toString()), Optional.empty());
    }

    private Volume raw(int mib) {
        return Volume.builder().image(image).createMib(mib).build();
    }

    private List<String> problems(Volume... volumes) {
        return problems(Optional.empty(), volumes);
    }

    private List<String> problems(Optional<FileAccess> qemu, Volume... volumes) {
        VmSpec spec =
                VmSpec.builder().boot(BootSource.hostRoot()).addVolumes(volumes).build();
        return VolumeProblems.of(spec, Map.of("PATH", bin.toString()), qemu).stream()
                .map(Problem::toString)
                .toList();
    }

    private void assertNothingBeside() throws IOException {
        try (Stream<Path> files = Files.list(image.getParent())) {
            assertThat(files).allMatch(file -> file.equals(image));
        }
    }

    private void qcow2(Path file, long bytes) throws IOException {
        byte[] header = new byte[64];
        ByteBuffer.wrap(header).putInt(0, 0x514649fb).putInt(4, 3).putLong(24, bytes);
        Files.write(file, header);
    }

    @Test
    void makesASparseImageThatOnlyItsOwnerReads() throws Exception {
        images().create(raw(64));

        assertThat(Files.size(image)).isEqualTo(64 << 20);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image)))
                .isEqualTo("rw-------");
        assertNothingBeside();
        assertThat(problems(raw(64))).isEmpty();
    }

    @Test
    void anExistingImageIsNeverTouched() throws Exception {
        Files.writeString(image, "content");

        images().create(raw(1));

        assertThat(image).hasContent("content");
        assertNothingBeside();
    }

    @Test
    void makesFileSystemsWithLabelAndArgumentsOfTheUser() throws Exception {
        program("mkfs.ext4", "");
        program("mkfs.vfat", "");
        Volume ext4 = Volume.builder()
                .from(raw(8))
                .fileSystem(FileSystem.EXT4)
                .label("data")
                .addMkfsArguments("-E", "lazy_itable_init=0")
                .build();
        images().create(ext4);
        Files.delete(image);
        images().create(Volume.builder()
                .from(raw(8))
                .fileSystem(FileSystem.VFAT)
                .label("BOOT")
                .build());

        assertThat(calls())
                .containsExactly(
                        "mkfs.ext4 -q -F -L data -E lazy_itable_init=0 microvm-image",
                        "mkfs.vfat -n BOOT microvm-image");
        assertThat(Files.size(image)).isEqualTo(8 << 20);
    }

    @Test
    void aFailedMkfsLeavesNothingAndTellsItsWords() throws Exception {
        program("mkfs.ext4", "echo 'no such feature' >&2; exit 1");

        assertThatThrownBy(() -> images().create(raw(8).createdWith(8, FileSystem.EXT4)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("mkfs.ext4")
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("no such feature");

        assertThat(image.getParent()).isEmptyDirectory();
    }

    @Test
    void aQcow2WithAFileSystemIsConverted() throws Exception {
        program("mkfs.ext4", "");
        program("qemu-img", "for last; do :; done; [ \"$1\" = convert ] && printf qcow2 >\"$last\"");
        images().create(Volume.builder()
                .from(raw(8))
                .format(VolumeFormat.QCOW2)
                .fileSystem(FileSystem.EXT4)
                .build());

        assertThat(calls())
                .containsExactly(
                        "mkfs.ext4 -q -F microvm-raw", "qemu-img convert -q -f raw -O qcow2 microvm-raw microvm-image");
        assertThat(image).hasContent("qcow2");
        assertNothingBeside();
    }

    @Test
    void missingProgramsAreNamedWithTheirPackages() {
        Map<FileSystem, String> packages =
                Map.of(FileSystem.XFS, "xfsprogs", FileSystem.BTRFS, "btrfs-progs", FileSystem.VFAT, "dosfstools");
        packages.forEach((fileSystem, name) -> {
            if (Stream.of("/usr/sbin", "/sbin", "/usr/local/sbin")
                    .noneMatch(folder -> Files.exists(Path.of(folder, "mkfs." + fileSystem.kernelName())))) {
                assertThat(problems(raw(300).createdWith(300, fileSystem)))
                        .singleElement()
                        .asString()
                        .contains("mkfs." + fileSystem.kernelName(), "install " + name);
            }
        });
        assertThat(problems(
                        Volume.builder().from(raw(1)).format(VolumeFormat.QCOW2).build()))
                .singleElement()
                .asString()
                .contains("qemu-img", "install qemu-utils");
    }

    @Test
    void aMissingImageIsAProblemUnlessItMayBeCreated() {
        assertThat(problems(Volume.of(image)))
                .singleElement()
                .asString()
                .contains("the image does not exist", "createMib(1024)");
        Volume elsewhere =
                Volume.builder().image(temp.resolve("no/disk")).createMib(1).build();
        assertThat(problems(elsewhere)).singleElement().asString().contains("mkdir -p " + temp.resolve("no"));
        assertThat(problems(raw(16 * 1024 * 1024)))
                .singleElement()
                .asString()
                .contains("says 16777216 MiB", "left", "truncate -s 16777216M");
    }

    @Test
    void theFormatMustBeTheTrueOne() throws IOException {
        Files.write(image, "QFI but no more".getBytes(StandardCharsets.UTF_8));
        assertThat(problems(asQcow2())).singleElement().asString().contains("is raw by its first bytes");
        qcow2(image, 1 << 20);
        assertThat(problems(asQcow2())).isEmpty();
    }

    private Volume asQcow2() {
        return Volume.builder().image(image).format(VolumeFormat.QCOW2).build();
    }

    /** The guest may have written it, with the name of a file of the host as its backing file. */
    @Test
    void aRawImageThatLooksLikeQcow2IsNotSimplyToBeOpenedAsQcow2() throws IOException {
        qcow2(image, 1 << 20);
        assertThat(problems(Volume.of(image)))
                .singleElement()
                .asString()
                .contains("is qcow2 by its first bytes, and format says raw")
                .contains("only if you made it as qcow2 and no guest has ever had it as raw")
                .contains("a guest may have written those bytes", "keep RAW")
                .contains("dd if=/dev/zero of=" + image + " bs=4 count=1 conv=notrunc");
    }

    @Test
    void aQcow2ImageThatLeadsToAnotherFileIsRefused() throws IOException {
        byte[] header = new byte[128];
        String name = "/etc/sha\ndow";
        ByteBuffer.wrap(header)
                .putInt(0, 0x514649fb)
                .putInt(4, 3)
                .putLong(8, 104)
                .putInt(16, name.length())
                .putLong(24, 1 << 20)
                .put(104, name.getBytes(StandardCharsets.UTF_8));
        Files.write(image, header);
        assertThat(problems(asQcow2()))
                .singleElement()
                .asString()
                .contains("names \"/etc/sha?dow\" as its backing file, which QEMU would open for the guest")
                .contains("if you made it so yourself", "qemu-img convert", "to read a file of this host");
        assertThat(problems(Volume.builder().from(asQcow2()).linked(true).build()))
                .isEmpty();
        assertThat(problems(Volume.of(image))).singleElement().asString().contains("it names \"/etc/sha?dow\"");

        // Bit 2 of the incompatible features, and a place of the name beyond the file's end.
        ByteBuffer.wrap(header).putLong(8, 0).putLong(72, 1 << 2);
        Files.write(image, header);
        assertThat(problems(asQcow2())).singleElement().asString().contains("another file as that of its data");
        for (long place : new long[] {-1, Long.MAX_VALUE - 1024, 1 << 20}) {
            ByteBuffer.wrap(header).putLong(8, place).putInt(16, -1);
            Files.write(image, header);
            assertThat(problems(asQcow2())).singleElement().asString().contains("names \"\" as its backing file");
        }
    }

    @Test
    void anEmptyImageIsNotToldToBeEnlarged() throws IOException {
        Files.createFile(image);
        assertThat(problems(raw(1))).singleElement().asString().contains("is empty", "rm " + image);
    }

    @Test
    void anotherSizeIsSaidWithWhatToRun() throws IOException {
        Files.write(image, new byte[2 << 20]);
        assertThat(problems(raw(8).createdWith(8, FileSystem.EXT4)))
                .singleElement()
                .asString()
                .contains("says 8 MiB, and the image has 2 MiB; nothing is resized by itself")
                .contains("truncate -s 8M " + image, "resize2fs", "createMib(2)");
        assertThat(problems(raw(1))).singleElement().asString().contains("say createMib(2)", "would lose");
        qcow2(image, 4 << 20);
        Volume qcow2 = Volume.builder().from(raw(8)).format(VolumeFormat.QCOW2).build();
        assertThat(problems(qcow2)).singleElement().asString().contains("qemu-img resize " + image + " 8M");
        assertThat(problems(
                        Volume.builder().from(raw(4)).format(VolumeFormat.QCOW2).build()))
                .isEmpty();
    }

    @Test
    void qemusUserMustBeAbleToOpenWhatWeDidNotMake() throws IOException {
        Files.write(image, new byte[1 << 20]);
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r--r--"));
        for (Path way = image.getParent(); way != null && way.startsWith(temp); way = way.getParent()) {
            Files.setPosixFilePermissions(way, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Optional<FileAccess> stranger = Optional.of(new FileAccess(54_321, Set.of()));
        assertThat(problems(stranger, Volume.of(image)))
                .singleElement()
                .asString()
                .contains(
                        "QEMU runs as the user 54321", "does not let the user 54321 write it", "chown 54321 " + image);
        assertThat(problems(stranger, Volume.of(image).asReadOnly())).isEmpty();
    }

    @Test
    void oneFileByTwoNamesIsToldBeforeQemusLockIs() throws IOException {
        Files.write(image, new byte[1 << 20]);
        Path other = Files.createSymbolicLink(image.resolveSibling("other"), image);

        assertThat(problems(Volume.of(image), Volume.of(other)))
                .singleElement()
                .asString()
                .contains(other + "]: is the same file as " + image);
    }
}
