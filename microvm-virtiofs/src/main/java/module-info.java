/* SPDX-License-Identifier: Apache-2.0 */
import dev.microvm.spi.HostServiceProvider;
import dev.microvm.virtiofs.VirtiofsProvider;

/** virtiofsd and 9p shares that need no babysitting. */
module dev.microvm.virtiofs {
    requires transitive dev.microvm.core;
    requires static transitive org.jspecify;

    exports dev.microvm.virtiofs;

    provides HostServiceProvider with
            VirtiofsProvider;
}
