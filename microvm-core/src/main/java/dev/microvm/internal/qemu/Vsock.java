/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.VmSpec;

/** The kernel's virtio socket device. */
final class Vsock implements DeviceFamily {
    @Override
    public void render(Rendering in, Arguments out) {
        in.spec()
                .vsock()
                .ifPresent(vsock -> out.option(
                        "-device",
                        in.device("vhost-vsock").with("guest-cid", vsock.cid()),
                        "AF_VSOCK between host and guest; needs /dev/vhost-vsock"));
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        return spec.vsock().isPresent() ? 1 : 0;
    }
}
