/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.internal.host.CacheFolder;
import dev.microvm.internal.host.HostProbe;
import dev.microvm.internal.host.KernelImage;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitramfsTest {
    private static final VmSpec SPEC =
            VmSpec.builder().boot(BootSource.hostRoot()).build();

    @TempDir
    Path folder;

    private CacheFolder cache;
    private HostProbe probe;
    private KernelImage kernel;
    private Path busybox;

    @BeforeEach
    void makeHost() throws IOException {
        cache = new CacheFolder(folder.resolve("cache"));
        probe = new HostProbe(Map.of("MICROVM_CACHE", cache.root().toString()));
        busybox = Files.write(folder.resolve("busybox"), bytes("busybox"));
        Path modules = Files.createDirectories(folder.resolve("modules"));
        StringBuilder dep = new StringBuilder();
        for (String name : GuestModules.of(VmSpec.builder()
                .from(SPEC)
                .addShares(VirtiofsShare.of("v", folder))
                .build())) {
            Files.write(modules.resolve(name + ".ko"), bytes(name));
            dep.append(name)
                    .append(".ko:")
                    .append(name.equals("9p") ? " 9pnet.ko" : "")
                    .append('\n');
        }
        Files.write(modules.resolve("9pnet.ko"), bytes("9pnet"));
        Files.writeString(modules.resolve("modules.dep"), dep + "9pnet.ko:\n");
        kernel = new KernelImage(folder.resolve("vmlinuz"), modules, "6.1.0-test");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Path cached(VmSpec spec) throws IOException, InterruptedException {
        return Initramfs.cached(cache, kernel, probe.zstd(), busybox, spec);
    }

    private static Map<String, CpioArchiveEntry> entries(byte[] image) throws IOException {
        Map<String, CpioArchiveEntry> entries = new LinkedHashMap<>();
        try (CpioArchiveInputStream in = new CpioArchiveInputStream(new ByteArrayInputStream(image))) {
            for (CpioArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), entry);
            }
        }
        return entries;
    }

    @Test
    void holdsModulesInTheOrderOfLoading() throws IOException, InterruptedException {
        Map<String, CpioArchiveEntry> entries = entries(Files.readAllBytes(cached(SPEC)));

        assertThat(entries.keySet().stream().filter(name -> name.startsWith("modules/")))
                .containsExactly(
                        "modules/00-virtio_mmio.ko",
                        "modules/01-virtio_console.ko",
                        "modules/02-button.ko",
                        "modules/03-evdev.ko",
                        "modules/04-virtio_rng.ko",
                        "modules/05-9pnet.ko",
                        "modules/06-9p.ko",
                        "modules/07-9pnet_virtio.ko",
                        "modules/08-overlay.ko");
    }

    @Test
    void holdsInitLoopBusyboxAndConsole() throws IOException {
        Map<String, CpioArchiveEntry> entries = entries(Initramfs.build(bytes("b"), Map.of()));

        assertThat(entries.get("init").getMode() & 07777).isEqualTo(0755);
        assertThat(entries.get("run/microvm/busybox").getMode() & 0111).isEqualTo(0111);
        assertThat(entries).containsKeys("run/microvm/agent", "run/microvm/init", "newroot", "proc", "sys");
        assertThat(entries.get("bin/sh").isSymbolicLink()).isTrue();
        assertThat(entries.get("dev/console").isCharacterDevice()).isTrue();
        assertThat(entries.get("dev/console").getRemoteDeviceMaj()).isEqualTo(5);
        assertThat(entries.get("dev/console").getRemoteDeviceMin()).isEqualTo(1);
    }

    @Test
    void equalInputsGiveEqualBytes() {
        assertThat(Initramfs.build(bytes("b"), Map.of("m", bytes("1"))))
                .isEqualTo(Initramfs.build(bytes("b"), Map.of("m", bytes("1"))));
    }

    @Test
    void isBuiltOncePerSetOfInputs() throws IOException, InterruptedException {
        Path first = cached(SPEC);
        assertThat(first).hasParentRaw(cache.root().resolve("initramfs"));
        assertThat(first.toString()).endsWith(".cpio");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
                .isEqualTo("rw-r--r--");

        Files.delete(kernel.modules().resolve("9p.ko")); // a second build would miss it
        assertThat(cached(SPEC)).isEqualTo(first);
    }

    @Test
    void everyInputCounts() throws IOException, InterruptedException {
        Path first = cached(SPEC);

        assertThat(cached(VmSpec.builder()
                        .from(SPEC)
                        .addShares(VirtiofsShare.of("v", folder))
                        .build()))
                .isNotEqualTo(first);
        Files.write(busybox, bytes("another busybox"));
        Path second = cached(SPEC);
        assertThat(second).isNotEqualTo(first);
        Files.setLastModifiedTime(kernel.modules().resolve("modules.dep"), FileTime.fromMillis(1));
        assertThat(cached(SPEC)).isNotEqualTo(second);
    }

    @Test
    void manyAtOnceGetTheSameWholeFile() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Path> task = () -> cached(SPEC);
            List<Future<Path>> all =
                    threads.invokeAll(IntStream.range(0, 16).mapToObj(i -> task).toList());
            for (Future<Path> one : all) {
                assertThat(entries(Files.readAllBytes(one.get()))).containsKey("modules/08-overlay.ko");
            }
        } finally {
            threads.shutdownNow();
        }
        try (Stream<Path> files = Files.list(cache.root().resolve("initramfs"))) {
            assertThat(files).hasSize(1);
        }
    }
}
