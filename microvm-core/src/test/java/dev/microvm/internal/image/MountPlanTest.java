/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.internal.qemu.QemuCommandLine;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NinePCache;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MountPlanTest {
    private static final Path SOURCE = Path.of("/srv");

    private static String text(VmSpec spec) {
        return MountPlan.of(spec).steps().stream()
                .map(step -> "# " + step.name() + "\n"
                        + (step instanceof MountPlan.Run run
                                ? run.script()
                                : "enter " + ((MountPlan.Enter) step).root() + "\n"))
                .collect(Collectors.joining("\n"));
    }

    private static List<String> names(VmSpec spec) {
        return MountPlan.of(spec).steps().stream().map(MountPlan.Step::name).toList();
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = MountPlanTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void writesTheWholePlan() throws IOException {
        VmSpec spec = VmSpec.builder()
                .name("dev")
                .boot(HostRoot.builder().addEmptyFolders("/home/it's").build())
                .addShares(
                        VirtiofsShare.of("deep", SOURCE).mountedAt("/a b/c,d"),
                        NinePShare.of("store", SOURCE)
                                .mountedAt("/nix/.ro-store")
                                .asReadOnly(),
                        NinePShare.builder()
                                .from(NinePShare.of("top", SOURCE).mountedAt("/a b"))
                                .cache(NinePCache.LOOSE)
                                .msize(65536)
                                .build(),
                        NinePShare.of("offered", SOURCE))
                .addStoreOverlays(StoreOverlay.builder()
                        .lower("/nix/.ro-store")
                        .upper("/nix/.rw:store,x")
                        .mountPoint("/nix/store")
                        .build())
                .addVolumes(Volume.builder()
                        .image(Path.of("/images/it's.img"))
                        .serial("it's")
                        .fileSystem(FileSystem.EXT4)
                        .mountPoint("/data")
                        .build())
                .addPersistence(
                        Persistence.at("/a b").directories("/var/lib/it's"),
                        Persistence.at("/data/keep").file(".netrc", 0600).ofUser("dev"))
                .addForwards(PortForward.hostToGuest(2222, 22))
                .build();

        assertThat(text(spec)).isEqualTo(golden("mount-plan.txt"));
    }

    @Test
    void aGuestWithAnotherLoopMountsSharesInItsOwnRoot() {
        KernelBoot own =
                KernelBoot.builder().kernel(Path.of("/kernel")).agent(true).build();
        VmSpec spec = VmSpec.builder()
                .boot(own)
                .addShares(NinePShare.of("data", SOURCE).mountedAt("/data"))
                .addInterfaces(UserNetwork.builder().build())
                .build();

        assertThat(names(spec)).containsExactly("share \"data\" at /data");
    }

    @Test
    void aGuestThatMountsItselfIsAskedNothing() {
        KernelBoot own = KernelBoot.builder()
                .kernel(Path.of("/kernel"))
                .agent(true)
                .mountsItself(true)
                .build();
        VmSpec spec = VmSpec.builder()
                .boot(own)
                .addShares(NinePShare.of("data", SOURCE).mountedAt("/data"))
                .build();

        assertThat(names(spec)).isEmpty();
    }

    @Test
    void aGuestWithoutALoopIsAskedNothing() {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.kernel(Path.of("/kernel"), Path.of("/initrd")))
                .addShares(NinePShare.of("data", SOURCE).mountedAt("/data"))
                .build();

        assertThat(MountPlan.of(spec).steps()).isEmpty();
    }

    @Test
    void theNetworkIsFoundByTheAddressOfTheCommandLine() {
        VmSpec.Builder spec = VmSpec.builder().boot(BootSource.hostRoot());
        TapNetwork tap = TapNetwork.builder().id("net1").device("tap0").build();
        UserNetwork user = UserNetwork.builder().build();

        assertThat(names(spec.build())).doesNotContain("user network");
        assertThat(names(VmSpec.builder().from(spec.build()).addInterfaces(tap).build()))
                .doesNotContain("user network");
        assertThat(text(VmSpec.builder()
                        .from(spec.build())
                        .addInterfaces(tap, user)
                        .build()))
                .contains("\"$mac\" = 02:00:00:00:00:02 ");
        UserNetwork own = UserNetwork.builder().mac("02:AB:00:00:00:01").build();
        assertThat(text(VmSpec.builder().from(spec.build()).addInterfaces(own).build()))
                .contains("\"$mac\" = 02:ab:00:00:00:01 ");
    }

    @Test
    void refusesMountPointsThatWouldHideTheLoopsOwnThings() {
        for (String path : List.of("/", "/proc", "/sys", "/dev", "/run", "/run/microvm")) {
            VmSpec spec = VmSpec.builder()
                    .boot(BootSource.hostRoot())
                    .addShares(NinePShare.of("data", SOURCE).mountedAt(path))
                    .build();

            assertThatThrownBy(() -> MountPlan.of(spec))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("mount point = " + path);
        }
    }

    @Test
    void theRootsTagIsThatOfTheCommandLine() {
        assertThat(MountScripts.ROOT).contains(" " + QemuCommandLine.rootTag() + " /lower");
    }

    @Test
    void everyScriptIsUnderstoodByEveryShell() throws IOException, InterruptedException {
        VmSpec spec = VmSpec.builder()
                .boot(HostRoot.builder().addEmptyFolders("/x'y").build())
                .addShares(NinePShare.of("data", SOURCE).mountedAt("/a 'b\"c"))
                .addVolumes(Volume.of(SOURCE).createdWith(9, FileSystem.EXT4).mountedAt("/d"))
                .addPersistence(Persistence.at("/d").directories("/x'$y").files("/z'`"))
                .addForwards(PortForward.hostToGuest(2222, 22))
                .build();
        for (List<String> shell : Shells.all()) {
            for (MountPlan.Step step : MountPlan.of(spec).steps()) {
                if (step instanceof MountPlan.Run run) {
                    assertThat(Shells.run(shell, "set -n\n" + run.script(), ""))
                            .as("%s", shell)
                            .isEmpty();
                }
            }
        }
    }
}
