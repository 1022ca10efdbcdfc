/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.HostServiceProvider;

/** Serves each {@link VirtiofsShare} with a {@link Virtiofsd}; found by {@link java.util.ServiceLoader}. */
public final class VirtiofsProvider implements HostServiceProvider {
    /** Creates one; it has no state. */
    public VirtiofsProvider() {}

    @Override
    public boolean serves(Share share) {
        return share instanceof VirtiofsShare;
    }

    @Override
    public HostService serviceFor(Share share, HostContext context) {
        if (share instanceof VirtiofsShare virtiofs) {
            return Virtiofsd.of(virtiofs, context);
        }
        throw new UnsupportedOperationException("does not serve share " + share.tag());
    }
}
