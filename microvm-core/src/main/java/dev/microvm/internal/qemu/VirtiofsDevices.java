/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.util.List;

/** Folders shared by virtiofsd, one daemon and one socket each; they need the shared memory that {@link Machine} adds. */
final class VirtiofsDevices implements DeviceFamily {
    /** {@return the virtiofs shares of a spec; a share's position here numbers its socket} */
    static List<VirtiofsShare> of(VmSpec spec) {
        return spec.shares().stream()
                .filter(VirtiofsShare.class::isInstance)
                .map(VirtiofsShare.class::cast)
                .toList();
    }

    @Override
    public void render(Rendering in, Arguments out) {
        int index = 0;
        for (VirtiofsShare share : of(in.spec())) {
            String id = "fs" + index;
            out.option(
                    "-chardev",
                    OptionList.of("socket")
                            .with("id", id)
                            .with("path", in.paths().shareSocket(index)),
                    "virtiofsd listens there before QEMU starts");
            out.option(
                    "-device",
                    in.device("vhost-user-fs")
                            .with("chardev", id)
                            .with("tag", share.tag())
                            .with("queue-size", share.daemon().queueSize()),
                    "the tag that the guest mounts");
            index++;
        }
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        return of(spec).size();
    }
}
