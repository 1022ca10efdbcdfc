/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.HostRoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.List;

/** Folders shared by QEMU's own 9p server: the host's root where the guest boots on it, and the spec's 9p shares. */
final class NinePDevices implements DeviceFamily {
    /** The mount tag of the host's root. */
    static final String ROOT_TAG = "microvm-root";

    /** {@return whether the guest boots on the host's root, which then takes a tag and a device} */
    static boolean exportsRoot(VmSpec spec) {
        return spec.boot() instanceof HostRoot;
    }

    private static List<NinePShare> of(VmSpec spec) {
        return spec.shares().stream()
                .filter(NinePShare.class::isInstance)
                .map(NinePShare.class::cast)
                .toList();
    }

    @Override
    public void render(Rendering in, Arguments out) {
        if (in.spec().boot() instanceof HostRoot host) {
            export(in, out, "root", ROOT_TAG, host.root(), SecurityModel.NONE, true);
        }
        int index = 0;
        for (NinePShare share : of(in.spec())) {
            export(in, out, "ninep" + index++, share.tag(), share.source(), share.securityModel(), share.readOnly());
        }
    }

    private static void export(
            Rendering in, Arguments out, String id, String tag, Path source, SecurityModel model, boolean readOnly) {
        OptionList fsdev = OptionList.of("local")
                .with("id", id)
                // QEMU's working directory is not the JVM's.
                .with("path", source.toAbsolutePath())
                .with("security_model", model.qemuName());
        if (readOnly) {
            fsdev.with("readonly", true);
        }
        // A tree may span file systems (/nix/store has .links, a root has many): without remapping, inode numbers
        // collide.
        fsdev.with("multidevs", "remap");
        out.option("-fsdev", fsdev, readOnly ? "QEMU itself refuses every write" : "written as QEMU's user");
        out.option(
                "-device",
                in.device("virtio-9p").with("fsdev", id).with("mount_tag", tag),
                "the tag that the guest mounts");
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        return of(spec).size() + (exportsRoot(spec) ? 1 : 0);
    }
}
