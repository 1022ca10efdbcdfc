/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** On what the upper layer of a {@link StoreOverlay} is. */
public enum UpperLayer {
    /** On a tmpfs of its own, mounted at the overlay's {@code upper}: in the guest's memory, gone with the VM. */
    TMPFS,
    /**
     * On a volume or a virtiofs share that is mounted at, or above, the overlay's {@code upper}: it outlives the VM. 9p cannot be it:
     * it lacks what overlayfs needs to write down deletions (Linux, Documentation/filesystems/overlayfs.rst, "Upper and Lower").
     */
    MOUNTED
}
