/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.qmp.JsonValue;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.HostServiceProvider;

/** What {@link NixStoreSharing} means; found by {@link java.util.ServiceLoader}, or registered on a {@code VmHost}. */
public final class NixProvider implements HostServiceProvider {
    /** Creates one; it has no state. */
    public NixProvider() {}

    @Override
    public boolean serves(String extensionKind) {
        return extensionKind.equals(NixStoreSharing.KIND);
    }

    @Override
    public VmSpec expand(VmSpec spec, SpecExtension extension) {
        NixStoreSharing sharing = sharing(extension);
        return VmSpec.builder()
                .from(spec)
                .addShares(sharing.share())
                .addStoreOverlays(sharing.overlay())
                .build();
    }

    @Override
    public HostService serviceFor(SpecExtension extension, HostContext context) {
        return new StoreSharingService(sharing(extension), context);
    }

    @Override
    public JsonValue toJson(SpecExtension extension) {
        return SharingJson.write(sharing(extension));
    }

    @Override
    public SpecExtension fromJson(String extensionKind, JsonValue json) {
        if (!serves(extensionKind)) {
            throw new UnsupportedOperationException("does not serve extension " + extensionKind);
        }
        return SharingJson.read(json);
    }

    private static NixStoreSharing sharing(SpecExtension extension) {
        if (extension instanceof NixStoreSharing sharing) {
            return sharing;
        }
        throw new UnsupportedOperationException("does not serve extension " + extension.kind());
    }
}
