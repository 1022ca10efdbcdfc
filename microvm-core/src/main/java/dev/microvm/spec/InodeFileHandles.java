/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/**
 * How virtiofsd remembers a file that the guest knows ({@code --inode-file-handles}): by an open descriptor, or by a handle that costs
 * none. Handles take {@code CAP_DAC_READ_SEARCH} in the initial user namespace (open_by_handle_at(2)), so root.
 */
public enum InodeFileHandles {
    /** One descriptor for each file that the guest knows. */
    NEVER,
    /** Handles where the file system has them, else descriptors. */
    PREFER,
    /** Handles; a daemon that cannot have them does not start. */
    MANDATORY
}
