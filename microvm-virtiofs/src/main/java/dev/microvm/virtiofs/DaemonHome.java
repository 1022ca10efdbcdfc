/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Where one daemon lives and what it dies with: a VM of this library, or a folder and a lifeline of its own. */
interface DaemonHome {
    /** {@return the socket at which it listens} */
    Path socket();

    /** {@return the environment that overrides are read from} */
    Map<String, String> environment();

    /** {@return the folder for what outlives daemons} */
    Path cacheFolder();

    /** {@return the user id QEMU runs under where that is not the caller's} */
    OptionalInt qemuUid();

    /** Starts a program that dies with this home. */
    SupervisedProcess spawn(String name, List<String> command, Map<String, String> environment)
            throws InterruptedException;

    /** Called when the daemon has ended and its files are gone. */
    void close();

    /** {@return the place that a VM gives to the daemon of a share} */
    static DaemonHome of(HostContext context, VirtiofsShare share) {
        return new DaemonHome() {
            @Override
            public Path socket() {
                return context.socketOf(share);
            }

            @Override
            public Map<String, String> environment() {
                return context.environment();
            }

            @Override
            public Path cacheFolder() {
                return context.cacheFolder();
            }

            @Override
            public OptionalInt qemuUid() {
                return context.qemuUid();
            }

            @Override
            public SupervisedProcess spawn(String name, List<String> command, Map<String, String> variables)
                    throws InterruptedException {
                return context.spawn(name, command, variables);
            }

            @Override
            public void close() {
                // the VM's, which ends it
            }
        };
    }
}
