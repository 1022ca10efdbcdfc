/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.spec.HostRoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.VmSpec;
import java.util.List;
import java.util.Locale;

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
            export(in, out, "root", NinePShare.of(ROOT_TAG, host.root()).asReadOnly());
        }
        int index = 0;
        for (NinePShare share : of(in.spec())) {
            export(in, out, "ninep" + index++, share);
        }
    }

    private static void export(Rendering in, Arguments out, String id, NinePShare share) {
        OptionList fsdev = OptionList.of("local")
                .with("id", id)
                // QEMU's working directory is not the JVM's.
                .with("path", share.source().toAbsolutePath())
                .with("security_model", share.securityModel().qemuName());
        if (share.readOnly()) {
            fsdev.with("readonly", true);
        }
        // A tree may span file systems (/nix/store has .links, a root has many): without remapping, inode numbers
        // collide.
        fsdev.with("multidevs", share.multidevs().qemuName());
        // QEMU reads the number in C's way: the leading 0 makes it octal.
        share.fmode().ifPresent(mode -> fsdev.with("fmode", octal(mode)));
        share.dmode().ifPresent(mode -> fsdev.with("dmode", octal(mode)));
        out.option("-fsdev", fsdev, share.readOnly() ? "QEMU itself refuses every write" : "written as QEMU's user");
        out.option(
                "-device",
                in.device("virtio-9p").with("fsdev", id).with("mount_tag", share.tag()),
                "the tag that the guest mounts");
    }

    /**
     * {@return what is to be run before QEMU so that its umask takes nothing off the modes that new files of mapped shares are to have} The
     * lifeline's, 077, would leave their owner's bits alone, and QEMU does not set the modes as it does with the other models.
     */
    static List<String> prelude(VmSpec spec) {
        int wanted = of(spec).stream()
                .mapToInt(share -> share.fmode().orElse(0) | share.dmode().orElse(0))
                .reduce(0, (all, mode) -> all | mode);
        return (wanted & 077) == 0
                ? List.of()
                : List.of("sh", "-c", "umask " + octal(0777 & ~(wanted | 0700)) + " && exec \"$@\"", "sh");
    }

    private static String octal(int mode) {
        return String.format(Locale.ROOT, "0%o", mode);
    }

    @Override
    public int virtioDevices(VmSpec spec) {
        return of(spec).size() + (exportsRoot(spec) ? 1 : 0);
    }
}
