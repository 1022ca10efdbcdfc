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
import java.util.List;
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
                                .directories("/var/lib/foo", "/opt/a $b\"c", "/srv/100%/inner")
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

    private static VmSpec withOverlayOf(String lower) {
        return VmSpec.builder()
                .boot(KernelBoot.builder()
                        .kernel(Path.of("/kernel"))
                        .mountsItself(true)
                        .build())
                .addShares(
                        NinePShare.of("lower", Path.of("/srv")).mountedAt(lower).asReadOnly())
                .addStoreOverlays(StoreOverlay.builder()
                        .lower(lower)
                        .upper("/upper")
                        .mountPoint("/over")
                        .build())
                .build();
    }

    /** systemd took "/srv/lower:", "a" and "b" for three paths, and mounted the overlay before what it is made of. */
    @Test
    void fstabTellsSystemdAPathWithBlanksAndCommasAsOne() {
        assertThat(GuestMounts.of(withOverlayOf("/srv/lower: a,b")).fstab().get(3))
                .contains(",x-systemd.requires-mounts-for=\"/srv/lower:\\040a\\134,b\",")
                .contains(",x-systemd.requires-mounts-for=/upper ");
    }

    /** systemd 252 said "Invalid syntax, ignoring" of one with a quotation mark; it knows by itself where a bind mount comes from. */
    @Test
    void fstabHasNoPathAmongTheOptionsOfABindMount() {
        assertThat(GuestMounts.of(everything()).fstab())
                .filteredOn(line -> line.contains(" none "))
                .hasSize(7)
                .allMatch(line -> line.endsWith(" none bind 0 0"));
    }

    /** Nothing said that systemd makes the home of a user as root's, nor that nothing makes what is kept on a volume. */
    @Test
    void fstabSaysWhatItCannotMake() {
        assertThat(GuestMounts.of(everything()).fstab())
                .contains("# needs the folder /home/dev, or systemd makes it, as root's")
                .contains("# needs the folder /data/srv/100% on its volume, which fstab cannot make")
                .contains("# needs the file /data/srv/file on its volume, which fstab cannot make")
                .anyMatch(line -> line.endsWith("; in memory they are gone at each boot"));
    }

    /** Mount points were to be made while the root was still read-only, and the guest went into its emergency mode. */
    @Test
    void unitsWaitUntilTheRootMayBeWritten() {
        assertThat(GuestMounts.of(everything()).systemdUnits())
                .allSatisfy((name, unit) -> assertThat(unit.lines())
                        .as(name)
                        .filteredOn(line -> line.startsWith("After="))
                        .first()
                        .isEqualTo("After=local-fs-pre.target"));
    }

    /** The first went on with the next line, of the second nothing was left: both units failed. */
    @Test
    void unitsRefuseWhatSystemdCannotRead() {
        for (String path : List.of("/srv/back\\", "/srv/${HOME}")) {
            assertThatThrownBy(() -> GuestMounts.of(withOverlayOf(path)).systemdUnits())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(path + " ends in a backslash or has a \"${\"");
        }
    }
}
