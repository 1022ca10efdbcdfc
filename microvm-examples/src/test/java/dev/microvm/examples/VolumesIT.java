/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.error.PreflightException;
import dev.microvm.error.VmExitedException;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VolumeFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disk images, made by the real mkfs and qemu-img, in real guests. */
class VolumesIT {
    @TempDir
    private Path folder;

    private Volume raw;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
        Requirements.need(has("mkfs.ext4"), "mkfs.ext4 is there");
    }

    @BeforeEach
    void volumes() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        raw = Volume.builder()
                .image(folder.resolve("raw.img"))
                .createMib(64)
                .fileSystem(FileSystem.EXT4)
                .label("data")
                .mountPoint("/mnt/raw")
                .addMountOptions("noatime")
                .build();
    }

    private static boolean has(String program) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    private static VmSpec spec(Volume... volumes) {
        return VmSpec.builder()
                .name("disks")
                .memoryMib(256)
                .boot(BootSource.hostRoot())
                .addVolumes(volumes)
                .build();
    }

    private static String sh(MicroVm vm, String script) {
        return vm.shell().sh(script).orFail().stdout().strip();
    }

    private void onlyImages(String... names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(names);
        }
    }

    @Test
    void contentStaysAndIsFoundBySerialWhateverTheOrder() throws IOException {
        Volume other = Volume.builder()
                .image(folder.resolve("other.img"))
                .createMib(32)
                .fileSystem(FileSystem.EXT2)
                .serial("other-disk")
                .mountPoint("/mnt/other")
                .direct(true)
                .build();
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec(raw, other))) {
            assertThat(sh(vm, "grep ' /mnt/raw ' /proc/mounts")).matches("/dev/vda /mnt/raw ext4 rw.*noatime.*");
            sh(vm, "echo one >/mnt/raw/f; echo two >/mnt/other/f");
            vm.shutdown(Duration.ofSeconds(30));
        }
        onlyImages("raw.img", "other.img");
        assertThat(Files.size(raw.image())).isEqualTo(64 << 20);
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec(other, raw))) {
            assertThat(sh(vm, "grep ' /mnt/raw ' /proc/mounts")).startsWith("/dev/vdb ");
            assertThat(sh(vm, "cat /mnt/raw/f /mnt/other/f")).isEqualTo("one\ntwo");

            assertThatThrownBy(() -> host.start(spec(raw)).close())
                    .as("two VMs on one image")
                    .isInstanceOf(VmExitedException.class)
                    .hasMessageContaining("ended in phase QMP")
                    .hasMessageContaining("Failed to get \"write\" lock")
                    .hasMessageContaining("another VM, or another program, has that image open");
        }
    }

    @Test
    void aReadOnlyVolumeRefusesEveryWrite() {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec(raw))) {
            sh(vm, "echo one >/mnt/raw/f");
            vm.shutdown(Duration.ofSeconds(30));
        }
        Volume readOnly = Volume.builder()
                .image(raw.image())
                .fileSystem(FileSystem.EXT4)
                .mountPoint("/mnt/raw")
                .readOnly(true)
                .build();
        try (VmHost host = VmHost.create();
                MicroVm one = host.start(spec(readOnly));
                MicroVm two = host.start(spec(readOnly))) {
            for (MicroVm vm : List.of(one, two)) {
                assertThat(sh(vm, "cat /mnt/raw/f")).isEqualTo("one");
            }
            for (String write : List.of(
                    "echo two >/mnt/raw/f",
                    "mkdir /mnt/raw/d",
                    "rm /mnt/raw/f",
                    "mount -o remount,rw /mnt/raw",
                    "dd if=/dev/zero of=/dev/vda bs=512 count=1 conv=fsync")) {
                assertThat(one.shell().sh(write).exitCode()).as(write).isNotZero();
            }
        }
    }

    @Test
    void qcow2HoldsAFileSystemToo() throws IOException {
        Requirements.need(has("qemu-img"), "qemu-img is there");
        Volume qcow2 = Volume.builder()
                .from(raw)
                .image(folder.resolve("disk.qcow2"))
                .format(VolumeFormat.QCOW2)
                .build();
        Volume empty = Volume.builder()
                .image(folder.resolve("empty.qcow2"))
                .format(VolumeFormat.QCOW2)
                .createMib(128)
                .serial("empty")
                .build();
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec(qcow2, empty))) {
            sh(vm, "echo one >/mnt/raw/f");
            assertThat(sh(vm, "cat /sys/block/vdb/size")).isEqualTo(Integer.toString(128 * 2048));
            vm.shutdown(Duration.ofSeconds(30));
        }
        onlyImages("disk.qcow2", "empty.qcow2");
        assertThat(Files.size(empty.image())).as("sparse").isLessThan(1 << 20);
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec(empty, qcow2))) {
            assertThat(sh(vm, "cat /mnt/raw/f")).isEqualTo("one");
        }
        Volume larger = Volume.builder().from(qcow2).createMib(65).build();
        try (VmHost host = VmHost.create()) {
            assertThatThrownBy(() -> host.start(spec(larger)).close())
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining("says 65 MiB, and the image has 64 MiB")
                    .hasMessageContaining("qemu-img resize");
        }
    }

    /** A header of the real qemu-img's, written by the guest into its raw disk, as a guest would that wants a file of the host. */
    @Test
    void aGuestThatWritesAQcow2HeaderIsGivenNoFileOfTheHost() throws Exception {
        Requirements.need(has("qemu-img"), "qemu-img is there");
        Path secret = Files.writeString(folder.resolve("secret"), "s".repeat(1 << 20));
        Path header = folder.resolve("header");
        Process made = new ProcessBuilder(
                        "qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        "-b",
                        secret.toString(),
                        "-F",
                        "raw",
                        header.toString())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
        Volume disk = Volume.builder()
                .image(folder.resolve("disk"))
                .createMib(1)
                .serial("disk")
                .build();
        byte[] first = Arrays.copyOf(Files.readAllBytes(header), 4096);
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec(disk))) {
            String text = Base64.getEncoder().encodeToString(first);
            sh(vm, "echo " + text + " | base64 -d | dd of=/dev/vda bs=4096 conv=fsync");
            vm.shutdown(Duration.ofSeconds(30));
        }
        assertThat(Files.readAllBytes(disk.image())).startsWith(first);
        Volume asQcow2 =
                Volume.builder().image(disk.image()).format(VolumeFormat.QCOW2).build();
        try (VmHost host = VmHost.create()) {
            assertThat(host.preflight(spec(disk)).problems())
                    .singleElement()
                    .asString()
                    .contains(
                            "it names \"" + secret + "\" as its backing file", "keep RAW", "a guest may have written");
            assertThat(host.preflight(spec(asQcow2)).problems())
                    .singleElement()
                    .asString()
                    .contains("names \"" + secret + "\" as its backing file, which QEMU would open");
        }
        // The cure.
        try (FileChannel image = FileChannel.open(disk.image(), StandardOpenOption.WRITE)) {
            image.write(ByteBuffer.allocate(4));
        }
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec(disk))) {
            assertThat(sh(vm, "dd if=/dev/vda bs=4 count=1 | od -An -tx1")).isEqualTo("00 00 00 00");
        }
    }

    @Test
    void otherFileSystemsAreMadeAndMounted() {
        Requirements.full();
        List<Volume> volumes = new ArrayList<>();
        for (FileSystem fileSystem : List.of(FileSystem.XFS, FileSystem.BTRFS, FileSystem.VFAT, FileSystem.EXT3)) {
            Requirements.need(has("mkfs." + fileSystem.kernelName()), "mkfs." + fileSystem.kernelName());
            volumes.add(Volume.of(folder.resolve(fileSystem.kernelName()))
                    .createdWith(Math.max(40, fileSystem.minMib()), fileSystem)
                    .mountedAt("/mnt/" + fileSystem.kernelName()));
        }
        VmSpec spec = spec(volumes.toArray(new Volume[0]));
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec)) {
            sh(vm, "for f in /mnt/*; do ! mountpoint -q $f || echo é >$f/ü; done");
            vm.shutdown(Duration.ofSeconds(30));
        }
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec)) {
            assertThat(sh(vm, "cat /mnt/*/ü").lines()).hasSize(volumes.size()).containsOnly("é");
        }
    }
}
