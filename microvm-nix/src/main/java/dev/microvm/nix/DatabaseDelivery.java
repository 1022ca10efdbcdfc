/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

/** When a guest learns which paths of a shared store are valid. Before it does, its Nix takes none of them for valid. */
public enum DatabaseDelivery {
    /** As part of the start, as soon as the guest has mounted the store; the VM is ready when it is done. */
    AT_START,
    /** When the caller does it, with {@link StoreLoad}. */
    ON_DEMAND
}
