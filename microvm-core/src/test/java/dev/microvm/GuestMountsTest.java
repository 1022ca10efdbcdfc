/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuestMountsTest {
    /** Everything a guest can mount, with the characters that each form must escape. */
    static VmSpec everything() {
        return VmSpec.builder()
                .boot(KernelBoot.builder()
                        .kernel(Path.of("/kernel"))
                        .mountsItself(true)
                        .build())
                .addPersistence(
                        Persistence.at("/persistent")
                                .directories("/var/lib/foo", "/opt/a ${b}\"c", "/srv/100%/inner")
                                .files("/etc/machine-id"),
                        Persistence.at("/persistent")
                                .directory("a b$c\"d", 0700)
                                .ofUser("dev", 1000),
                        Persistence.at("/data").directories("/srv/100%").files("/srv/file"))
                .addStoreOverlays(
                        StoreOverlay.builder()
                                .lower("/nix/.ro-store")
                                .upper("/nix/.rw-store")
                                .sizeMib(512)
                                .mountPoint("/nix/store")
                                .build(),
                        StoreOverlay.builder()
                                .lower("/nix/.ro-store")
                                .upper("/persistent/over")
                                .upperLayer(UpperLayer.MOUNTED)
                                .mountPoint("/opt/tools")
                                .build())
                .addShares(
                        NinePShare.of("store", Path.of("/nix/store"))
                                .mountedAt("/nix/.ro-store")
                                .asReadOnly(),
                        VirtiofsShare.builder()
                                .tag("persistent")
                                .source(Path.of("/srv/persistent"))
                                .mountPoint("/persistent")
                                .xattr(true)
                                .build(),
                        NinePShare.of("offered", Path.of("/srv")))
                .addVolumes(
                        Volume.builder()
                                .image(Path.of("/images/data.img"))
                                .serial("data")
                                .fileSystem(FileSystem.EXT4)
                                .mountPoint("/data")
                                .addMountOptions("noatime")
                                .build(),
                        Volume.builder()
                                .image(Path.of("/images/boot.img"))
                                .createMib(64)
                                .fileSystem(FileSystem.VFAT)
                                .label("BOOT")
                                .mountPoint("/boot")
                                .build(),
                        Volume.of(Path.of("/images/raw.img")))
                .build();
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = GuestMountsTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void writesFstab() throws IOException {
        assertThat(String.join("\n", GuestMounts.of(everything()).fstab()) + "\n")
                .isEqualTo(golden("guest-mounts.fstab"));
    }

    @Test
    void writesSystemdUnits() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Map.Entry<String, String> unit :
                GuestMounts.of(everything()).systemdUnits().entrySet()) {
            all.append("# ")
                    .append(unit.getKey())
                    .append('\n')
                    .append(unit.getValue())
                    .append('\n');
        }
        assertThat(all.toString()).isEqualTo(golden("guest-mounts.units"));
    }

    @Test
    void writesANixosModule() throws IOException {
        assertThat(GuestMounts.of(everything()).nixosModule()).isEqualTo(golden("guest-mounts.nix"));
    }

    @Test
    void mountPointsAreThoseOfTheInitramfs() {
        VmSpec here =
                VmSpec.builder().from(everything()).boot(BootSource.hostRoot()).build();
        GuestMounts mounts = GuestMounts.of(here);

        assertThat(mounts.mountPoints())
                .containsExactlyElementsOf(GuestMounts.of(everything()).mountPoints());
        assertThat(mounts.steps())
                .containsSubsequence(mounts.mountPoints().stream()
                        .map(point -> mounts.steps().stream()
                                .filter(step -> step.endsWith(" " + point))
                                .findFirst()
                                .orElseThrow())
                        .toList());
        assertThat(GuestMounts.of(everything()).steps()).isEmpty();
    }

    @Test
    void unitsCannotBeChanged() {
        assertThatThrownBy(() -> GuestMounts.of(everything()).systemdUnits().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void refusesAShareOfWhichNobodyKnowsWhatItBecomes() {
        VmSpec undecided = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(Share.auto("work", Path.of("/srv")).mountedAt("/work"))
                .build();

        assertThatThrownBy(() -> GuestMounts.of(undecided))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shares[tag=work]")
                .hasMessageContaining("preflight(spec).spec()");
    }
}
