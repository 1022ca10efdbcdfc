/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MountOrderPropertyTest {
    @Provide
    static Arbitrary<Set<String>> trees() {
        return Arbitraries.of("a", "b", "ab")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(parts -> "/" + String.join("/", parts))
                .set()
                .ofMaxSize(9);
    }

    /** The law: nothing is mounted over what is mounted already, and nothing before what it is made from. */
    @Property(tries = 500)
    void whatLiesAboveAndWhatIsNeededComesFirst(@ForAll("trees") Set<String> points) {
        List<GuestMount> mounts = new ArrayList<>();
        for (String point : points) {
            mounts.add(new GuestMount.OfShare(NinePShare.of("t" + mounts.size(), Path.of("/s")), point));
        }
        mounts.addAll(GuestMount.of(VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("inner", Path.of("/s")).mountedAt("/b/a/y/inner"))
                .addPersistence(
                        Persistence.at("/keep").directories("/a/x", "/b/a/y"),
                        Persistence.at("/a/ab").files("/b/z"),
                        // Kept on a share that waits for another persistent directory.
                        Persistence.at("/b/a/y/inner").directories("/c"))
                .build()));

        List<GuestMount> order = MountOrder.of(mounts);

        assertThat(order).containsExactlyInAnyOrderElementsOf(mounts);
        for (int i = 0; i < order.size(); i++) {
            for (int later = i + 1; later < order.size(); later++) {
                String above = order.get(later).where() + "/";
                assertThat((order.get(i).where() + "/").startsWith(above))
                        .as("%s would be hidden by %s", order.get(i), order.get(later))
                        .isFalse();
                assertThat(order.get(i).needs())
                        .as("%s is made from what %s brings", order.get(i), order.get(later))
                        .noneMatch(source -> (source + "/").startsWith(above));
            }
        }
    }

    @Test
    void sharesComeBeforeWhatIsKeptOnThem() {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addPersistence(
                        Persistence.at("/srv/deep/keep").directories("/a").files("/etc/id"))
                .addStoreOverlays(StoreOverlay.builder()
                        .lower("/ro")
                        .upper("/disk/over")
                        .upperLayer(UpperLayer.MOUNTED)
                        .mountPoint("/m")
                        .build())
                .addShares(
                        VirtiofsShare.of("in", Path.of("/s")).mountedAt("/m/inside"),
                        VirtiofsShare.of("keep", Path.of("/s")).mountedAt("/srv/deep/keep"),
                        VirtiofsShare.of("ro", Path.of("/s")).mountedAt("/ro"))
                .addVolumes(
                        Volume.of(Path.of("/i")).createdWith(9, FileSystem.EXT4).mountedAt("/disk"))
                .build();

        assertThat(MountOrder.of(GuestMount.of(spec)))
                .extracting(GuestMount::where)
                .containsExactly("/ro", "/disk", "/srv/deep/keep", "/m", "/m/inside", "/a", "/etc/id");
    }

    @Test
    void whatWouldHideItsOwnSourceCannotBeMounted() {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("keep", Path.of("/s")).mountedAt("/var/keep"))
                .addPersistence(Persistence.at("/var/keep").directories("/var"))
                .build();

        assertThatThrownBy(() -> MountOrder.of(GuestMount.of(spec)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("share \"keep\" at /var/keep, persistent directory /var")
                .hasMessageContaining("one would hide what another is made from");
    }
}
