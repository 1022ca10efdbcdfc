/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.VmSpec;

/** Renders the devices of one kind, each back end before its front end. */
interface DeviceFamily {
    /**
     * Adds the arguments of this kind.
     *
     * @throws IllegalArgumentException if something of the spec cannot be rendered; nothing is left out silently
     */
    void render(Rendering in, Arguments out);

    /** {@return how many virtio devices {@link #render} adds for a spec; default none} */
    default int virtioDevices(VmSpec spec) {
        return 0;
    }
}
