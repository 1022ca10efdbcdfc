/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.spec.AutoShare;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.Share;
import dev.microvm.spi.ShareChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an undecided share becomes where this module is there. */
class VirtiofsProviderTest {
    @TempDir
    Path temp;

    private Optional<ShareChoice> choose(AutoShare share, Path virtiofsd) throws Exception {
        try (LifelineContext context = new LifelineContext(temp).with(VirtiofsdProbe.VARIABLE, virtiofsd)) {
            return new VirtiofsProvider().choose(share, context);
        }
    }

    private Path daemon(String version) throws IOException {
        return Scripts.write(temp.resolve("virtiofsd"), "echo 'virtiofsd " + version + "'");
    }

    @Test
    void isVirtiofsWithTheDaemonAsTheReasonWhereOneCanDoIt() throws Exception {
        AutoShare share = Share.auto("t", temp).mountedAt("/m").mappingUser(7);
        Path daemon = daemon("1.13.2");

        assertThat(choose(share, daemon))
                .contains(new ShareChoice(share.toVirtiofs(), "virtiofsd 1.13.2 at " + daemon));
    }

    @Test
    void isBy9pWhereTheDaemonIsTooOldAndSaysWhichWouldDo() throws Exception {
        Path daemon = daemon("1.12.0");

        ShareChoice choice = choose(Share.auto("t", temp), daemon).orElseThrow();

        assertThat(choice.share()).isInstanceOf(NinePShare.class);
        assertThat(choice.reason())
                .startsWith("virtiofs does not work here: virtiofsd 1.12.0 at " + daemon
                        + ": needs virtiofsd 1.13.0 or later, found 1.12.0");
    }

    @Test
    void isBy9pWhereThereIsNoDaemon() throws Exception {
        ShareChoice choice =
                choose(Share.auto("t", temp), temp.resolve("missing")).orElseThrow();

        assertThat(choice.reason()).contains(temp.resolve("missing") + " is not an executable file");
        assertThat(choice.share())
                .isInstanceOfSatisfying(
                        NinePShare.class,
                        share -> assertThat(share.securityModel())
                                .isEqualTo(Caller.current().isRoot() ? SecurityModel.PASSTHROUGH : SecurityModel.NONE));
    }

    /** Nor could 9p share it: it must not look as if that were virtiofs' fault. */
    @Test
    void aMissingFolderDoesNotSpeakAgainstVirtiofs() throws Exception {
        AutoShare share = Share.auto("t", temp.resolve("missing"));

        assertThat(choose(share, daemon("1.13.2")).orElseThrow().share()).isEqualTo(share.toVirtiofs());
    }

    @Test
    void decidesNothingWhenInterruptedAndKeepsTheFlag() throws Exception {
        Path slow = Scripts.write(temp.resolve("slow"), "exec sleep 60");
        try (LifelineContext context = new LifelineContext(temp).with(VirtiofsdProbe.VARIABLE, slow)) {
            Thread.currentThread().interrupt();

            assertThat(new VirtiofsProvider().choose(Share.auto("t", temp), context))
                    .isEmpty();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void servesNoUndecidedShare() throws Exception {
        try (LifelineContext context = new LifelineContext(temp)) {
            VirtiofsProvider provider = new VirtiofsProvider();
            assertThat(provider.serves(Share.auto("t", temp))).isFalse();
            assertThatThrownBy(() -> provider.serviceFor(Share.auto("t", temp), context))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }
}
