/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;

/** Disk images; the guest sees them as {@code /dev/vda}, {@code /dev/vdb} in this order. */
final class Volumes implements DeviceFamily {
    @Override
    public void render(Rendering in, Arguments out) {
        int index = 0;
        for (Volume volume : in.spec().volumes()) {
            String id = "vol" + index++;
            OptionList node = OptionList.of("driver", volume.format().qemuName())
                    .with("node-name", id)
                    .with("read-only", volume.readOnly());
            if (!volume.readOnly() && volume.discard()) {
                node.with("discard", "unmap");
            }
            if (volume.direct()) {
                // The file below inherits it. (QEMU manual, "-blockdev", cache.direct.)
                node.with("cache.direct", true);
            }
            node.with("file.driver", "file")
                    .with("file.filename", volume.image().toAbsolutePath());
            out.option(
                    "-blockdev",
                    node,
                    "the format is said, never guessed"
                            + (volume.readOnly() || !volume.discard() ? "" : "; what the guest trims is given back")
                            + (volume.direct() ? "; past the host's page cache" : ""));
            OptionList device = in.device("virtio-blk").with("drive", id);
            volume.guestSerial().ifPresent(serial -> device.with("serial", serial));
            out.option("-device", device, "a disk of the guest");
        }
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        return spec.volumes().size();
    }
}
