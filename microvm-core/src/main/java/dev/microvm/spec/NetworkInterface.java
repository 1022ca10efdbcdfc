/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Optional;

/** A virtio-net device and what it is connected to. */
public sealed interface NetworkInterface permits UserNetwork, TapNetwork {
    /** {@return the interface's name in QEMU, unique in a VM} */
    String id();

    /** {@return the MAC address; absent: made from the position} */
    Optional<String> mac();
}
