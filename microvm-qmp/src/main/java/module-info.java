/* SPDX-License-Identifier: Apache-2.0 */
/** A complete QMP client for QEMU. It knows nothing of this project's VMs and can be used alone. */
@SuppressWarnings("module") // the modules of the qualified export are compiled after this one
module dev.microvm.qmp {
    requires com.fasterxml.jackson.core;
    requires static org.immutables.value.annotations;
    requires static transitive org.jspecify;
    // Without the second one, on the module path, junixsocket does not find its native library.
    requires org.newsclub.net.unix;
    requires com.kohlschutter.junixsocket.nativecommon;

    exports dev.microvm.qmp;
    exports dev.microvm.qmp.agent;
    exports dev.microvm.qmp.command;
    exports dev.microvm.qmp.event;
    exports dev.microvm.qmp.model;
    exports dev.microvm.qmp.testing;
    exports dev.microvm.qmp.internal.transport to
            dev.microvm.core,
            dev.microvm.virtiofs,
            dev.microvm.nix;
}
