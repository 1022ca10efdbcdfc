/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class KernelModulesTest {
    private static final Zstd NO_ZSTD = new Zstd(Map.of("PATH", "/nowhere"), FakeRunner.exiting(0, "", ""));

    @TempDir
    Path temp;

    private KernelModules modules(String dep, String builtin) throws IOException {
        Files.writeString(temp.resolve("modules.dep"), dep);
        Files.writeString(temp.resolve("modules.builtin"), builtin);
        return KernelModules.read(temp);
    }

    @Test
    void loadsWhatAModuleNeedsBeforeIt() throws IOException {
        KernelModules modules = modules("""
                kernel/fs/fuse/virtiofs.ko: kernel/virtio.ko kernel/virtio_ring.ko kernel/fuse.ko
                kernel/virtio.ko: kernel/virtio_ring.ko
                kernel/virtio_ring.ko:
                kernel/fuse.ko:
                kernel/net/virtio-net.ko.xz: kernel/virtio.ko kernel/virtio_ring.ko
                """, "");

        List<String> names = modules.loadOrder(List.of("virtiofs", "virtio_net")).stream()
                .map(ModuleFile::name)
                .toList();

        assertThat(names).containsExactly("fuse", "virtio_ring", "virtio", "virtiofs", "virtio_net");
    }

    @Test
    void builtInModulesAreNotLoaded() throws IOException {
        KernelModules modules =
                modules("kernel/9p.ko: kernel/9pnet.ko\n", "kernel/9pnet.ko\nkernel/drivers/virtio-mmio.ko\n");

        assertThat(modules.loadOrder(List.of("9p", "virtio_mmio")))
                .containsExactly(new ModuleFile("9p", temp.resolve("kernel/9p.ko")));
        assertThat(modules.isBuiltin("virtio-mmio")).isTrue();
    }

    /** Kernels differ in what they have as a module, built in, or under another name. */
    @Test
    void aModuleThatIsOnlyWelcomeIsLoadedWhereItIs() throws IOException {
        KernelModules modules = modules("kernel/ext4.ko:\nkernel/crc32c_generic.ko:\n", "");

        assertThat(modules.missing(List.of("nls_ascii?", "crc32c_generic?", "ext4")))
                .isEmpty();
        assertThat(modules.loadOrder(List.of("nls_ascii?", "crc32c-generic?", "ext4")))
                .extracting(ModuleFile::name)
                .containsExactly("crc32c_generic", "ext4");
    }

    @Test
    void namesEveryModuleThatIsMissing() throws IOException {
        KernelModules modules = modules("kernel/a.ko:\n", "");

        assertThat(modules.missing(List.of("a", "b", "c"))).containsExactly("b", "c");
        assertThatThrownBy(() -> modules.loadOrder(List.of("a", "b", "c")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("modules = [b, c]: not in " + temp);
    }

    @Test
    void aCircleEnds() throws IOException {
        KernelModules modules = modules("kernel/a.ko: kernel/b.ko\nkernel/b.ko: kernel/a.ko\n", "");

        assertThat(modules.loadOrder(List.of("a"))).extracting(ModuleFile::name).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void unpacksGzipAndXz() throws Exception {
        byte[] content = {0x7f, 'E', 'L', 'F', 1, 2, 3};
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gzip)) {
            out.write(content);
        }
        ByteArrayOutputStream xz = new ByteArrayOutputStream();
        try (OutputStream out = new XZOutputStream(xz, new LZMA2Options(0))) {
            out.write(content);
        }

        assertThat(bytesOf("a.ko", content)).isEqualTo(content);
        assertThat(bytesOf("a.ko.gz", gzip.toByteArray())).isEqualTo(content);
        assertThat(bytesOf("a.ko.xz", xz.toByteArray())).isEqualTo(content);
    }

    private byte[] bytesOf(String name, byte[] packed) throws Exception {
        return new ModuleFile("a", Files.write(temp.resolve(name), packed)).bytes(NO_ZSTD);
    }

    @Test
    void zstdWithoutItsProgramNamesThePackage() {
        assertThatThrownBy(() -> bytesOf("a.ko.zst", new byte[8]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.ko.zst")
                .hasMessageContaining("install the package zstd");
    }

    @Test
    void aDamagedFileIsNamed() {
        assertThatThrownBy(() -> bytesOf("a.ko.xz", new byte[8]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.ko.xz");
    }
}
