/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.JsonValue;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostServiceProvider;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class NixStoreSharingTest {
    private static final NixProvider PROVIDER = new NixProvider();

    @Test
    void sharesTheWholeStoreOfTheHostByDefault() {
        NixStoreSharing sharing = NixStoreSharing.wholeStore();
        assertThat(sharing.store()).isEqualTo(NixStore.host());
        assertThat(sharing.databaseDelivery()).isEqualTo(DatabaseDelivery.AT_START);
        assertThat(sharing).isEqualTo(NixStoreSharing.of(NixStore.host()));
        assertThat(sharing.kind()).isEqualTo("nix-store");
        assertThat(sharing.providedBy()).isEqualTo("dev.microvm:microvm-nix");
    }

    @Test
    void expandsToAReadOnlyShareAndAnOverlay() {
        NixStoreSharing sharing = NixStoreSharing.of(NixStore.privateStore(Path.of("/srv/s")));
        VmSpec spec = VmSpec.builder()
                .boot(HostRoot.builder().build())
                .addShares(NinePShare.of("other", Path.of("/srv/other")))
                .addExtensions(sharing)
                .build();
        VmSpec expanded = PROVIDER.expand(spec, sharing);
        assertThat(expanded.shares()).hasSize(2).element(1).satisfies(share -> {
            assertThat(share.tag()).isEqualTo("ro-store");
            assertThat(share.source()).isEqualTo(Path.of("/srv/s/nix/store"));
            assertThat(share.mountPoint()).hasValue("/nix/.ro-store");
            assertThat(share.readOnly()).isTrue();
        });
        assertThat(expanded.storeOverlays()).singleElement().satisfies(overlay -> {
            assertThat(overlay.lower()).isEqualTo("/nix/.ro-store");
            assertThat(overlay.upper()).isEqualTo("/nix/.rw-store");
            assertThat(overlay.mountPoint()).isEqualTo("/nix/store");
        });
        assertThat(expanded.extensions()).containsExactly(sharing);
    }

    @Test
    void jsonFormReadsBackToAnEqualValue() {
        NixStoreSharing all = NixStoreSharing.builder()
                .store(NixStore.privateStore(Path.of("/srv/s")))
                .tag("t")
                .readOnlyMountPoint("/ro")
                .writableMountPoint("/rw")
                .mountPoint("/nix/store")
                .databaseDelivery(DatabaseDelivery.ON_DEMAND)
                .guestProgram("/opt/nix-store")
                .build();
        for (SpecExtension value : new SpecExtension[] {all, NixStoreSharing.wholeStore()}) {
            JsonValue json = JsonValue.parse(PROVIDER.toJson(value).toString());
            assertThat(PROVIDER.fromJson("nix-store", json)).isEqualTo(value);
        }
        assertThat(PROVIDER.toJson(NixStoreSharing.wholeStore()).toString())
                .isEqualTo(
                        "{\"tag\":\"ro-store\",\"readOnlyMountPoint\":\"/nix/.ro-store\",\"writableMountPoint\":\"/nix/.rw-store\","
                                + "\"mountPoint\":\"/nix/store\",\"databaseDelivery\":\"AT_START\"}");
    }

    @Test
    void jsonFormRefusesWhatItDoesNotKnow() {
        assertRefused("{\"tga\":\"x\"}", "nix-store.tga: unknown; known are root, tag");
        assertRefused("{\"tag\":1}", "nix-store.tag = 1: must be a string");
        assertRefused("{\"databaseDelivery\":\"SOMETIME\"}", "must be one of [AT_START, ON_DEMAND]");
        assertRefused("[]", "must be an object");
        assertRefused("{\"tag\":\"a b\"}", "NinePShare.tag");
    }

    @Test
    void valuesThatTheShareWouldRefuseAreRefusedAtOnce() {
        assertThatThrownBy(() -> NixStoreSharing.builder().mountPoint("nix").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("StoreOverlay.mountPoint = nix");
        assertThatThrownBy(() -> NixStoreSharing.builder().guestProgram(" ").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("guestProgram");
    }

    @Test
    void theProviderIsFoundByTheServiceLoader() {
        Module module = NixStoreSharingTest.class.getModule().addUses(HostServiceProvider.class);
        assertThat(ServiceLoader.load(module.getLayer(), HostServiceProvider.class))
                .hasAtLeastOneElementOfType(NixProvider.class);
        assertThat(PROVIDER.serves("nix-store")).isTrue();
        assertThat(PROVIDER.serves("other")).isFalse();
    }

    private static void assertRefused(String json, String message) {
        assertThatThrownBy(() -> PROVIDER.fromJson("nix-store", JsonValue.parse(json)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
