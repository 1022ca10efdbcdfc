/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.GuestCommandException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A dump into a second, empty store by the real {@code nix-store --load-db}; the whole way into a VM is the examples' business. */
class StoreLoadIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void pathsAndReferencesAreValidInTheOtherStoreAfterwards() throws Exception {
        try (RealNix host = RealNix.asCaller();
                RealNix guest = RealNix.asCaller()) {
            String a = host.nix().addText("a", "first");
            String b = host.nix().addText("b", "see " + a, a);
            StoreDump dump = StoreDump.of(host.store().database());
            HostShell shell = new HostShell(guest.store());
            StoreLoad.Report report = StoreLoad.of(dump).into(shell, LIMIT);
            assertThat(report.paths()).isEqualTo(2);
            assertThat(report.bytes()).isEqualTo(DumpRecord.text(dump).length());
            assertThat(guest.nix().isValid(a)).isTrue();
            assertThat(guest.nix().references(b)).containsExactly(a);
            assertThat(DumpRecord.of(StoreDump.of(guest.store().database()))).isEqualTo(DumpRecord.of(dump));
            assertThat(shell.requests()).singleElement().satisfies(request -> {
                assertThat(request.command()).containsExactly("nix-store", "--load-db");
                assertThat(request.environment()).containsEntry("NIX_REMOTE", "local");
                assertThat(request.limit()).isEqualTo(LIMIT);
            });
        }
    }

    @Test
    void anEmptyDumpLoadsNothing() throws Exception {
        try (RealNix host = RealNix.asCaller();
                RealNix guest = RealNix.asCaller()) {
            assertThat(host.nix().isValid(DumpRecord.samplePath('a', "nothing")))
                    .as("makes the store")
                    .isFalse();
            StoreDump dump = StoreDump.of(host.store().database());
            assertThat(StoreLoad.of(dump)
                            .into(new HostShell(guest.store()), LIMIT)
                            .paths())
                    .isZero();
            assertThat(guest.store().database().paths()).isZero();
        }
    }

    @Test
    void aFailureCarriesTheGuestsWords() throws Exception {
        try (RealNix host = RealNix.asCaller();
                RealNix guest = RealNix.asCaller()) {
            host.nix().addText("a", "first");
            StoreLoad load =
                    StoreLoad.of(StoreDump.of(host.store().database())).withProgram("nix-store-that-is-not-there");
            assertThatThrownBy(() -> load.into(new HostShell(guest.store()), LIMIT))
                    .isInstanceOfSatisfying(
                            GuestCommandException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(127))
                    .hasMessageContaining("nix-store-that-is-not-there");
        }
    }

    @Test
    void theServiceDeliversAtTheStartOnlyWhereItIsAskedTo() throws Exception {
        try (RealNix host = RealNix.asCaller();
                RealNix guest = RealNix.asCaller()) {
            String a = host.nix().addText("a", "first");
            HostShell shell = new HostShell(guest.store());
            for (DatabaseDelivery delivery : List.of(DatabaseDelivery.ON_DEMAND, DatabaseDelivery.AT_START)) {
                NixStoreSharing sharing = NixStoreSharing.builder()
                        .store(host.store())
                        .databaseDelivery(delivery)
                        .build();
                try (StoreSharingService service =
                        new StoreSharingService(sharing, new SampleContext(sharing, host.folder()))) {
                    assertThat(service.check()).isEmpty();
                    service.guestMounted(shell, LIMIT);
                }
                assertThat(shell.requests()).hasSize(delivery == DatabaseDelivery.AT_START ? 1 : 0);
            }
            assertThat(guest.nix().isValid(a)).isTrue();
        }
    }
}
