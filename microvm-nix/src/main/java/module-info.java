/* SPDX-License-Identifier: Apache-2.0 */
import dev.microvm.nix.NixProvider;
import dev.microvm.spi.HostServiceProvider;

/** The host's Nix store, valid in the guest. */
module dev.microvm.nix {
    requires transitive dev.microvm.core;
    requires java.sql;
    requires org.xerial.sqlitejdbc;
    requires static org.immutables.value.annotations;
    requires static transitive org.jspecify;

    exports dev.microvm.nix;

    provides HostServiceProvider with
            NixProvider;
}
