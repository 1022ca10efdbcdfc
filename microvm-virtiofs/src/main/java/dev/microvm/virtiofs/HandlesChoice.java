/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.InodeFileHandles;
import java.util.Optional;

/**
 * How a virtiofsd remembers files, and why.
 *
 * @param mode what it is told; always told, for the default differs between versions
 * @param reason a phrase for whoever wonders
 */
record HandlesChoice(InodeFileHandles mode, String reason) {
    static final String NO_RIGHT = "handles take root with CAP_DAC_READ_SEARCH in the machine's own user namespace";

    static HandlesChoice of(Optional<InodeFileHandles> wanted, Caller caller, CallerRights rights) {
        if (wanted.isPresent()) {
            return new HandlesChoice(wanted.get(), "as the share says");
        }
        return possible(caller, rights)
                ? new HandlesChoice(
                        InodeFileHandles.PREFER,
                        "root may open files by handle, so the guest's files cost no descriptors on the host")
                : new HandlesChoice(
                        InodeFileHandles.NEVER, NO_RIGHT + ", so each file that the guest knows costs a descriptor");
    }

    static boolean possible(Caller caller, CallerRights rights) {
        return caller.isRoot() && rights.fileHandles();
    }
}
