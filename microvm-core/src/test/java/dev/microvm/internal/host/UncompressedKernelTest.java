/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class UncompressedKernelTest {
    @TempDir
    Path temp;

    /** An ELF file with one note, padded with noise that no compression makes smaller than a sector. */
    private static byte[] elf(String owner, int number) {
        byte[] noise = new byte[4096];
        new Random(1).nextBytes(noise);
        ByteBuffer elf = ByteBuffer.wrap(noise).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c_457f).putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
        elf.putInt(64, 4).putLong(72, 128).putLong(96, 24);
        elf.putInt(128, 4).putInt(132, 8).putInt(136, number).put(140, owner.getBytes(StandardCharsets.US_ASCII));
        return elf.array();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    private static byte[] xzWithSize(byte[] content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new XZOutputStream(packed, new LZMA2Options(0))) {
            out.write(content);
        }
        packed.write(new byte[] {0, 16, 0, 0});
        return packed.toByteArray();
    }

    private KernelImage bootImage(byte[] payload) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(3 * 512 + payload.length + 100).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0x1f1, (byte) 1).putInt(0x202, 0x5372_6448).putShort(0x206, (short) 0x20f);
        image.putInt(0x248, 512).putInt(0x24c, payload.length).put(3 * 512, payload);
        return new KernelImage(Files.write(temp.resolve("vmlinuz"), image.array()), temp, "6.1.0");
    }

    private Path unpacked(KernelImage kernel, String path, ProgramRunner runner) throws InterruptedException {
        CacheFolder cache = new CacheFolder(temp.resolve("cache"));
        return new UncompressedKernel(cache, new Zstd(Map.of("PATH", path), runner)).of(kernel);
    }

    private Path unpacked(KernelImage kernel) throws InterruptedException {
        return unpacked(kernel, "/nowhere", FakeRunner.exiting(0, "", ""));
    }

    @Test
    void takesTheKernelOutOfTheImage() throws Exception {
        byte[] elf = elf("Xen\0", 18);

        assertThat(unpacked(bootImage(gzip(elf)))).hasBinaryContent(elf);
        assertThat(unpacked(bootImage(xzWithSize(elf)))).hasBinaryContent(elf);
    }

    @Test
    void givesZstdThePayloadWithoutTheAppendedSize() throws Exception {
        byte[] elf = elf("Xen\0", 18);
        byte[] payload = new byte[1000];
        payload[0] = 0x28;
        payload[1] = (byte) 0xb5;
        payload[2] = 0x2f;
        payload[3] = (byte) 0xfd;
        Files.setPosixFilePermissions(
                Files.createFile(temp.resolve("zstd")), PosixFilePermissions.fromString("rwxr-xr-x"));
        long[] seen = new long[1];
        ProgramRunner zstd = (command, limit, output) -> {
            seen[0] = Files.size(Path.of(command.get(command.size() - 1)));
            output.write(elf);
            return new ProgramRunner.Outcome(OptionalInt.of(0), "", "");
        };

        assertThat(unpacked(bootImage(payload), temp.toString(), zstd)).hasBinaryContent(elf);
        assertThat(seen[0]).isEqualTo(996);
    }

    @Test
    void bootsTheImageItselfWhereQemuCouldNotEnterTheKernel() throws Exception {
        KernelImage withoutPvh = bootImage(gzip(elf("Xen\0", 5)));
        assertThat(unpacked(withoutPvh)).isEqualTo(withoutPvh.image());

        KernelImage otherOwner = bootImage(gzip(elf("GNU\0", 18)));
        assertThat(unpacked(otherOwner)).isEqualTo(otherOwner.image());
    }

    @Test
    void bootsTheImageItselfWhereItCannotBeUnpacked() throws Exception {
        byte[] lz4 = new byte[1000];
        Arrays.fill(lz4, (byte) 2);
        KernelImage unknown = bootImage(lz4);
        assertThat(unpacked(unknown)).isEqualTo(unknown.image());

        KernelImage noImage = new KernelImage(Files.writeString(temp.resolve("text"), "no kernel"), temp, "1");
        assertThat(unpacked(noImage)).isEqualTo(noImage.image());
    }
}
