/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.InodeFileHandles;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CallerRightsTest {
    private static final List<String> ALL_IDS = List.of("         0          0 4294967295");
    private static final Caller ROOT = new Caller(0, 0, "root");

    private static CallerRights rights(String capabilities, List<String> uidMap) {
        return CallerRights.of(
                List.of("Name:\tjava", "CapPrm:\t0000000000000000", "CapEff:\t" + capabilities, "NoNewPrivs:\t0"),
                uidMap);
    }

    @Test
    void readsTheTwoFiles() {
        assertThat(rights("000001ffffffffff", ALL_IDS)).isEqualTo(new CallerRights(true, true, true, false));
        assertThat(rights("0000000000000004", ALL_IDS).readSearch()).isTrue();
        assertThat(rights("fffffffffffffffb", ALL_IDS).readSearch()).isFalse();
        assertThat(rights("0000000000040000", ALL_IDS)).isEqualTo(new CallerRights(false, true, true, false));
        assertThat(rights("fffffffffffbffff", ALL_IDS).chroot()).isFalse();
        assertThat(rights("000001ffffffffff", List.of("0 1000 1", "1 100000 65536"))
                        .initialNamespace())
                .isFalse();
        assertThat(CallerRights.of(List.of("NoNewPrivs:\t1"), List.of("0 0 1")))
                .isEqualTo(new CallerRights(false, false, false, true));
    }

    @Test
    void prefersHandlesWhereTheyCanWork() {
        CallerRights all = rights("000001ffffffffff", ALL_IDS);

        assertThat(HandlesChoice.of(Optional.empty(), ROOT, all).mode()).isEqualTo(InodeFileHandles.PREFER);
        assertThat(HandlesChoice.of(Optional.empty(), new Caller(7, 7, "me"), all)
                        .mode())
                .isEqualTo(InodeFileHandles.NEVER);
        assertThat(HandlesChoice.of(Optional.empty(), ROOT, rights("0", ALL_IDS))
                        .mode())
                .isEqualTo(InodeFileHandles.NEVER);
        assertThat(HandlesChoice.of(Optional.empty(), ROOT, rights("4", List.of("0 1000 1"))))
                .satisfies(choice -> assertThat(choice.mode()).isEqualTo(InodeFileHandles.NEVER))
                .satisfies(choice -> assertThat(choice.reason()).contains("CAP_DAC_READ_SEARCH"));
        assertThat(HandlesChoice.of(Optional.of(InodeFileHandles.MANDATORY), ROOT, all))
                .isEqualTo(new HandlesChoice(InodeFileHandles.MANDATORY, "as the share says"));
    }
}
