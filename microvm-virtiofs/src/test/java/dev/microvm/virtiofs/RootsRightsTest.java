/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RootsRightsTest {
    private static final Caller ROOT = new Caller(0, 0, "root");
    private static final Caller USER = new Caller(1000, 100, "dev");
    private static final VirtiofsShare SHARE = VirtiofsShare.of("work", Path.of("/work"));

    @Test
    void aGuestOfRootMakesNoDevicesOnTheHost() {
        assertThat(dropped(SHARE, ROOT)).containsExactly("mknod");
        assertThat(dropped(with(VirtiofsdOptions.builder().addAllDroppedCapabilities(List.of("chown"))), ROOT))
                .containsExactly("chown", "mknod");
    }

    @Test
    void nothingIsTakenFromWhoHasNothing() {
        assertThat(RootsRights.withoutDevices(SHARE, USER)).isEqualTo(SHARE);
        assertThat(RootsRights.told(SHARE, USER)).isEmpty();
    }

    @Test
    void aReadOnlyShareMakesNothingAnyway() {
        assertThat(RootsRights.withoutDevices(SHARE.asReadOnly(), ROOT)).isEqualTo(SHARE.asReadOnly());
        assertThat(RootsRights.told(SHARE.asReadOnly(), ROOT)).isEmpty();
    }

    @Test
    void whoNamesTheCapabilityHasHisWay() {
        VirtiofsShare asked = with(VirtiofsdOptions.builder().addAllAddedCapabilities(List.of("mknod")));

        assertThat(RootsRights.withoutDevices(asked, ROOT)).isEqualTo(asked);
    }

    @Test
    void tellsRootOfProgramsWithTheSetUserIdBit() {
        assertThat(RootsRights.told(SHARE, ROOT)).get().asString().contains("set-user-ID bit of root in /work");
    }

    private static VirtiofsShare with(VirtiofsdOptions.Builder daemon) {
        return VirtiofsShare.builder().from(SHARE).daemon(daemon.build()).build();
    }

    private static List<String> dropped(VirtiofsShare share, Caller caller) {
        return RootsRights.withoutDevices(share, caller).daemon().droppedCapabilities();
    }
}
