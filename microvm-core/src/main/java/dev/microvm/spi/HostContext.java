/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spi;

import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What a {@link HostService} may know and use of the VM it belongs to. */
public interface HostContext {
    /** {@return the spec, extensions written out} */
    VmSpec spec();

    /** {@return the VM's state folder, mode 0700; it exists from {@link HostService#start} on and is removed after the VM} */
    Path stateFolder();

    /** {@return the folder for what outlives VMs; created when it is first needed} */
    Path cacheFolder();

    /** {@return the environment that overrides are read from, such as {@code MICROVM_VIRTIOFSD}} */
    Map<String, String> environment();

    /**
     * {@return the socket at which QEMU expects the service of a share, a path of at most 107 bytes}
     *
     * @param share one of the spec's virtiofs shares; for another one {@link IllegalArgumentException} is thrown
     */
    Path socketOf(Share share);

    /** {@return the user id QEMU runs under where that is not the caller's} */
    OptionalInt qemuUid();

    /**
     * Starts a program under the VM's lifeline: it dies with the lifeline, with QEMU's end or with the JVM, whichever comes first.
     *
     * @param name a short name, unique in the VM; names its output files in the state folder
     * @param command the program and its arguments, passed as they are
     * @param environment variables added to the caller's
     * @return the running program; it need not be ready for anything yet
     * @throws ServiceFailedException if it cannot be started
     * @throws InterruptedException if the calling thread is interrupted
     */
    SupervisedProcess spawn(String name, List<String> command, Map<String, String> environment)
            throws InterruptedException;
}
