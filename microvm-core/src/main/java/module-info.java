/* SPDX-License-Identifier: Apache-2.0 */
import dev.microvm.spi.HostServiceProvider;

/** VM specs, the QEMU command line, supervised life from start to stop, guest control. */
@SuppressWarnings("module") // the modules of the qualified export are compiled after this one
module dev.microvm.core {
    requires transitive dev.microvm.qmp;
    requires com.fasterxml.jackson.databind;
    requires org.apache.commons.compress;
    requires org.apache.commons.exec;
    requires org.tukaani.xz;
    requires static org.immutables.value.annotations;
    requires static transitive org.jspecify;

    exports dev.microvm;
    exports dev.microvm.error;
    exports dev.microvm.guest;
    exports dev.microvm.spec;
    exports dev.microvm.spi;
    exports dev.microvm.internal.process to
            dev.microvm.virtiofs,
            dev.microvm.nix;

    uses HostServiceProvider;
}
