/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.MicroVm;
import dev.microvm.VmHost;
import dev.microvm.error.VmStartException;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One read-only tree under overlays of each kind, in a real guest and in the next one. */
class OverlaysIT {
    private static final List<String> KINDS = List.of("memory", "volume", "share");

    @TempDir
    private Path temp;

    private Path lower;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @BeforeEach
    void tree() throws IOException {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        lower = Files.createDirectory(temp.resolve("lower"));
        Files.createDirectory(temp.resolve("keep"));
        Files.createDirectory(lower.resolve("dir"));
        for (String name : List.of("stays", "goes", "changes", "dir/in")) {
            Files.writeString(lower.resolve(name), "lower\n");
        }
    }

    private static StoreOverlay overlay(String kind, String upper, UpperLayer layer) {
        StoreOverlay.Builder overlay = StoreOverlay.builder()
                .lower("/lower")
                .upper(upper)
                .upperLayer(layer)
                .mountPoint("/over/" + kind);
        return (layer == UpperLayer.TMPFS ? overlay.sizeMib(16) : overlay).build();
    }

    private VmSpec spec() {
        return VmSpec.builder()
                .name("overlays")
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(NinePShare.of("lower", lower).mountedAt("/lower").asReadOnly(), keep())
                .addVolumes(Volume.of(temp.resolve("disk.img"))
                        .createdWith(64, FileSystem.EXT4)
                        .mountedAt("/disk"))
                .addStoreOverlays(
                        overlay("memory", "/upper", UpperLayer.TMPFS),
                        overlay("volume", "/disk/upper", UpperLayer.MOUNTED),
                        overlay("share", "/keep/upper", UpperLayer.MOUNTED))
                .build();
    }

    private static String sh(MicroVm vm, String script) {
        return vm.shell().sh(script).orFail().stdout().strip();
    }

    @Test
    void changesAreInTheUpperLayerAndOutliveTheVmWhereItDoes() throws IOException {
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec())) {
            assertThat(sh(vm, "df -m --output=size /upper | tail -1")).isEqualTo("16");
            for (String kind : KINDS) {
                sh(
                        vm,
                        "cd /over/" + kind
                                + " && echo new >new && rm goes && echo changed >>changes && rm -r dir && mkdir dir"
                                + " && echo upper >dir/other && mv new newer");
                changed(vm, kind);
            }
            vm.shutdown(Duration.ofSeconds(30));
        }
        assertThat(lower.resolve("goes")).exists();
        assertThat(lower.resolve("changes")).hasContent("lower");
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(spec())) {
            changed(vm, "volume");
            changed(vm, "share");
            assertThat(sh(vm, "cd /over/memory && ls . dir && cat changes"))
                    .isEqualTo(".:\nchanges\ndir\ngoes\nstays\n\ndir:\nin\nlower");
        }
    }

    private static void changed(MicroVm vm, String kind) {
        assertThat(sh(vm, "cd /over/" + kind + " && ls . dir && cat changes newer stays"))
                .as(kind)
                .isEqualTo(".:\nchanges\ndir\nnewer\nstays\n\ndir:\nother\nlower\nchanged\nnew\nlower");
    }

    private VirtiofsShare keep() {
        return VirtiofsShare.builder()
                .tag("keep")
                .source(temp.resolve("keep"))
                .mountPoint("/keep")
                .xattr(true)
                .build();
    }

    private VmSpec onShare(String upper) {
        return VmSpec.builder()
                .name("upper")
                .memoryMib(256)
                .boot(BootSource.hostRoot())
                .addShares(NinePShare.of("lower", lower).mountedAt("/lower").asReadOnly(), keep())
                .addStoreOverlays(overlay("share", upper, UpperLayer.MOUNTED))
                .build();
    }

    /** A volume has QEMU's lock; two guests that write one upper layer would each see what the other one broke. */
    @Test
    void twoVmsDoNotHaveOneUpperLayer() throws Exception {
        Path upper = temp.resolve("keep/upper");
        try (VmHost host = VmHost.create();
                MicroVm vm = host.start(onShare("/keep/upper"))) {
            assertThatThrownBy(() -> host.start(onShare("/keep/upper")).close())
                    .isInstanceOf(VmStartException.class)
                    .hasMessageContaining("the lock on the upper layer of /over/share, " + upper)
                    .hasMessageContaining("another overlay, of this VM or of another one, has its upper layer there")
                    .hasMessageContaining("give each overlay an upper folder of its own");
            assertThat(isLocked(upper)).isTrue();
            sh(vm, "echo new >/over/share/new");
            try (MicroVm other = host.start(onShare("/keep/other"))) {
                assertThat(sh(other, "ls /over/share")).isEqualTo("changes\ndir\ngoes\nstays");
            }
        }
        assertThat(isLocked(upper)).as("after the VM").isFalse();
        assertThat(upper.resolve("store/new")).hasContent("new");
    }

    private static boolean isLocked(Path folder) throws IOException, InterruptedException {
        int code = new ProcessBuilder("flock", "-n", folder.toString(), "true")
                .start()
                .waitFor();
        return code != 0;
    }

    @Test
    void anOrdinaryUsersUpperLayerOnAShareKeepsWhatChanges() throws Exception {
        ShareCaller caller = Requirements.isRoot() ? ShareCaller.UNPRIVILEGED : ShareCaller.SELF;
        Path keep = temp.resolve("keep");
        if (caller == ShareCaller.UNPRIVILEGED) {
            Files.setAttribute(keep, "unix:uid", UnprivilegedCaller.UID);
            Files.setAttribute(keep, "unix:gid", UnprivilegedCaller.UID);
        }
        String[] parts = {
            "9p,lower," + lower + ",/lower,ro,0",
            "virtiofs-xattr,keep," + keep + ",/keep,rw,0",
            "overlay,/lower,/keep/upper,/over"
        };
        caller.run(temp.resolve("first"), Map.of(), """
                cd /over && echo new >new && rm goes && echo changed >>changes && rm -r dir && mkdir dir &&
                    echo upper >dir/other && mv new newer
                """, parts);
        String output =
                caller.run(temp.resolve("second"), Map.of(), "cd /over && ls . dir && cat changes newer stays", parts);
        assertThat(output).contains(".:\nchanges\ndir\nnewer\nstays\n\ndir:\nother\nlower\nchanged\nnew\nlower\n");
        assertThat(lower.resolve("goes")).exists();
        assertThat(Files.getAttribute(keep.resolve("upper/store/newer"), "unix:uid"))
                .isEqualTo(Files.getAttribute(keep, "unix:uid"));
    }
}
