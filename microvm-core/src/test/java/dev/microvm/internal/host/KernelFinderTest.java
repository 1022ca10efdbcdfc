/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.Architecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelFinderTest {
    private static final Set<String> NEEDED = Set.of("9p", "virtio-mmio");

    @TempDir
    Path temp;

    private Path root;
    private CacheFolder cache;

    @BeforeEach
    void folders() {
        root = temp.resolve("root");
        cache = new CacheFolder(temp.resolve("cache"));
    }

    private static Path kernel(Path root, String release, String modulesDep) throws IOException {
        Path image = Files.createDirectories(root.resolve("boot")).resolve("vmlinuz-" + release);
        ByteBuffer bytes = ByteBuffer.allocate(1024);
        bytes.put(0x202, new byte[] {'H', 'd', 'r', 'S'});
        Files.write(image, bytes.array());
        Path modules = Files.createDirectories(root.resolve("lib/modules/" + release));
        Files.writeString(modules.resolve("modules.dep"), modulesDep);
        for (String line : modulesDep.lines().toList()) {
            Path file = modules.resolve(line.substring(0, line.indexOf(':')));
            Files.createDirectories(file.getParent());
            Files.write(file, new byte[] {0x7f, 'E', 'L', 'F'});
        }
        return image;
    }

    private static Path good(Path root, String release) throws IOException {
        return kernel(root, release, "kernel/fs/9p/9p.ko:\nkernel/drivers/virtio_mmio.ko:\n");
    }

    private Finding<KernelImage> find(Map<String, String> environment) {
        Zstd zstd = new Zstd(Map.of("PATH", "/nowhere"), FakeRunner.exiting(0, "", ""));
        return new KernelFinder(environment, cache, zstd, root).find(Architecture.X86_64, NEEDED);
    }

    @Test
    void takesTheNewestByNumbers() throws IOException {
        good(root, "6.1.0-9-amd64");
        Path newest = good(root, "6.1.0-56-amd64");
        good(root, "5.10.0-30-amd64");

        assertThat(find(Map.of()).value())
                .contains(new KernelImage(newest, root.resolve("lib/modules/6.1.0-56-amd64"), "6.1.0-56-amd64"));
    }

    @Test
    void passesOverACloudKernelWithout9p() throws IOException {
        kernel(root, "6.12.0-cloud-amd64", "kernel/drivers/virtio_mmio.ko:\n");
        Path older = good(root, "6.1.0-56-amd64");

        assertThat(find(Map.of()).value().map(KernelImage::image)).contains(older);
    }

    @Test
    void aBuiltInModuleCounts() throws IOException {
        Path image = kernel(root, "6.1.0", "kernel/fs/9p/9p.ko:\n");
        Files.writeString(root.resolve("lib/modules/6.1.0/modules.builtin"), "kernel/drivers/virtio/virtio_mmio.ko\n");

        assertThat(find(Map.of()).value().map(KernelImage::image)).contains(image);
    }

    @Test
    void theGivenTreeGoesFirstAndTheCacheLast() throws IOException {
        Path cached = good(cache.root().resolve("kernels/7.0"), "7.0");
        assertThat(find(Map.of()).value().map(KernelImage::image)).contains(cached);

        Path own = good(root, "6.1.0");
        assertThat(find(Map.of()).value().map(KernelImage::image)).contains(own);

        Path given = good(temp.resolve("given"), "5.10.0");
        Map<String, String> environment =
                Map.of("MICROVM_KERNEL_ROOT", temp.resolve("given").toString());
        assertThat(find(environment).value().map(KernelImage::image)).contains(given);
    }

    @Test
    void aGivenKernelIsTakenWithTheModulesBesideIt() throws IOException {
        good(root, "6.1.0");
        Path given = good(temp.resolve("given"), "5.10.0");

        assertThat(find(Map.of("MICROVM_KERNEL", given.toString())).value())
                .contains(new KernelImage(given, temp.resolve("given/lib/modules/5.10.0"), "5.10.0"));
    }

    @Test
    void aGivenKernelThatDoesNotServeIsNotReplaced() throws IOException {
        good(root, "6.1.0");

        assertThat(find(Map.of("MICROVM_KERNEL", "/nowhere/vmlinuz")).problems())
                .extracting(Problem::subject)
                .containsExactly("MICROVM_KERNEL");
    }

    @Test
    void findsTheImageThatFedoraKeepsAmongTheModules() throws IOException {
        Path image = good(root, "6.1.0");
        Path among = Files.move(image, root.resolve("lib/modules/6.1.0/vmlinuz"));

        assertThat(find(Map.of()).value().map(KernelImage::image)).contains(among);
    }

    @Test
    void namesEveryCandidateWithItsReasonAndTheCures() throws IOException {
        kernel(root, "6.12.0-cloud-amd64", "kernel/drivers/virtio_mmio.ko:\n");
        Path bare = good(root, "6.1.0");
        Files.delete(root.resolve("lib/modules/6.1.0/modules.dep"));
        Path zstd = kernel(root, "6.8.0", "kernel/9p.ko.zst:\nkernel/virtio_mmio.ko.zst:\n");
        Path foreign = good(root, "6.9.0");
        Files.write(foreign, new byte[1024]);

        Problem problem = find(Map.of()).problems().get(0);

        assertThat(problem.detail())
                .contains("6.12.0-cloud-amd64: it lacks the modules 9p")
                .contains(bare + ": its modules are not there")
                .contains(zstd + ": its modules are compressed with zstd")
                .contains(foreign + ": it is not a kernel for x86_64");
        assertThat(problem.cure()).contains("linux-image-amd64").contains("install the package zstd");
    }

    @Test
    void withoutAnyKernelNamesThePackage() {
        Problem problem = find(Map.of()).problems().get(0);

        assertThat(problem.detail()).contains(root.toString());
        assertThat(problem.cure()).contains("apt install linux-image-amd64");
    }

    @Test
    void ordersReleasesAsPeopleDo() {
        List<String> releases = new ArrayList<>(List.of(
                "6.1.0-56-amd64", "6.10.0", "6.1.0-9-amd64", "6.10.0-rc3", "6.9.12-arch1-1", "5.10.0-30-cloud-amd64"));

        releases.sort(new KernelReleaseOrder());

        assertThat(releases)
                .containsExactly(
                        "5.10.0-30-cloud-amd64",
                        "6.1.0-9-amd64",
                        "6.1.0-56-amd64",
                        "6.9.12-arch1-1",
                        "6.10.0-rc3",
                        "6.10.0");
    }
}
