/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.Problem;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.HostServiceProvider;
import dev.microvm.spi.ShareChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an undecided share becomes, on a host on which nothing else is found; real hosts are looked at by {@code AutoShareIT}. */
class ShareDecisionTest {
    @TempDir
    private Path folder;

    /** Chooses as it is told, and remembers what it was asked and what it served. */
    private static final class Provider implements HostServiceProvider {
        private final Optional<String> refusal;
        private final List<HostContext> asked = new ArrayList<>();
        private final List<Share> served = new ArrayList<>();

        Provider(Optional<String> refusal) {
            this.refusal = refusal;
        }

        @Override
        public boolean serves(Share share) {
            return true;
        }

        @Override
        public Optional<ShareChoice> choose(AutoShare share, HostContext context) {
            asked.add(context);
            return Optional.of(refusal.map(why -> new ShareChoice(share.toNineP(false), why))
                    .orElseGet(() -> new ShareChoice(share.toVirtiofs(), "it works")));
        }

        @Override
        public HostService serviceFor(Share share, HostContext context) {
            served.add(share);
            return new HostService() {
                @Override
                public String name() {
                    return "fake";
                }

                @Override
                public List<Problem> check() {
                    return List.of();
                }

                @Override
                public List<String> choices() {
                    return List.of("serves " + share.tag());
                }

                @Override
                public void start(Duration limit) {}

                @Override
                public void close() {}
            };
        }
    }

    private AutoShare auto() {
        return Share.auto("work", folder).mountedAt("/work").mappingUser(1000);
    }

    private VmSpec spec() {
        return VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(NinePShare.of("first", folder), auto(), NinePShare.of("last", folder))
                .build();
    }

    private Preflight preflight(HostServiceProvider... providers) {
        VmHost.Builder host =
                VmHost.builder().withoutLookUp().environment(Map.of("PATH", "/nowhere", "MICROVM_CACHE", "/nowhere/c"));
        List.of(providers).forEach(host::addProvider);
        try (VmHost made = host.build()) {
            return made.preflight(spec());
        }
    }

    @Test
    void isWhatTheProviderChoosesAtItsOwnPlaceWithTheReasonTold() {
        Provider provider = new Provider(Optional.empty());

        Preflight preflight = preflight(provider);

        assertThat(preflight.spec().shares())
                .containsExactly(
                        NinePShare.of("first", folder),
                        VirtiofsShare.of("work", folder).mountedAt("/work").mappingUser(1000),
                        NinePShare.of("last", folder));
        assertThat(preflight.choices()).contains("share \"work\" is by virtiofs: it works");
        assertThat(preflight.explain()).contains("choice: share \"work\" is by virtiofs: it works\n");
        assertThat(provider.served).isEqualTo(preflight.spec().shares());
        assertThat(preflight.choices()).contains("fake: serves work");
        assertThat(provider.asked)
                .singleElement()
                .satisfies(context -> assertThat(context.socketOf(auto().toVirtiofs()))
                        .as("the provider can look at it as a virtiofs share")
                        .hasFileName("fs0.sock"));
    }

    @Test
    void isBy9pWithTheProvidersReasonWhereVirtiofsDoesNotWork() {
        Preflight preflight = preflight(new Provider(Optional.of("no daemon")));

        assertThat(preflight.spec().shares().get(1))
                .isEqualTo(NinePShare.of("work", folder).mountedAt("/work"));
        assertThat(preflight.choices()).contains("share \"work\" is by 9p (security model none): no daemon");
    }

    @Test
    void isBy9pAndNamesTheModuleWhereNoProviderDecides() {
        Preflight preflight = preflight();

        assertThat(preflight.spec().shares().get(1)).isInstanceOf(NinePShare.class);
        assertThat(preflight.choices())
                .anyMatch(choice -> choice.startsWith("share \"work\" is by 9p")
                        && choice.contains("dev.microvm:microvm-virtiofs"));
        assertThat(preflight.problems()).extracting(Problem::subject).doesNotContain("shares[tag=work]");
    }

    @Test
    void choiceMustBeADecision() {
        assertThatThrownBy(() -> new ShareChoice(auto(), "later"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be decided");
    }
}
