/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a guest could make of the rights that virtiofsd has as root: taken away where that can be, else told. */
final class RootsRights {
    /** Its name in virtiofsd's {@code --modcaps}; {@code CAP_MKNOD} of capabilities(7). */
    private static final String MKNOD = "mknod";

    private RootsRights() {}

    /**
     * {@return the share by a daemon that makes no device nodes} The guest's root may make any, and gives them the mode it likes: on the
     * host they would be the host's disks and memory, for each user who gets at the folder. Pipes, sockets and the whiteouts of overlayfs
     * need no capability (mknod(2)). A share that names the capability itself is left as it is.
     */
    static VirtiofsShare withoutDevices(VirtiofsShare share, Caller caller) {
        VirtiofsdOptions daemon = share.daemon();
        boolean named = Stream.concat(daemon.addedCapabilities().stream(), daemon.droppedCapabilities().stream())
                .anyMatch(MKNOD::equalsIgnoreCase);
        if (!caller.isRoot() || share.readOnly() || named) {
            return share;
        }
        return VirtiofsShare.builder()
                .from(share)
                .daemon(VirtiofsdOptions.builder()
                        .from(daemon)
                        .addAllDroppedCapabilities(List.of(MKNOD))
                        .build())
                .build();
    }

    /** {@return what nobody can take away, for whoever chooses the folder's mode} */
    static Optional<String> told(VirtiofsShare share, Caller caller) {
        return caller.isRoot() && !share.readOnly()
                ? Optional.of(
                        "the guest can make programs with the set-user-ID bit of root in " + share.source()
                                + ": keep the folder closed to other users of the host, or on a file system that is mounted nosuid")
                : Optional.empty();
    }
}
