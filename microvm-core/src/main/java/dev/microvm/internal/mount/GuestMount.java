/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mount;

import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.util.ArrayList;
import java.util.List;

/** One mount of a guest, in the words of mount(8), which every form of it shares. */
public sealed interface GuestMount {
    /** {@return what it is, for messages: {@code share "store" at /nix/store}} */
    String name();

    /** {@return where it is mounted} */
    String where();

    /** {@return the type of file system; {@code none} for a bind mount} */
    String type();

    /** {@return what is mounted: a tag, a path; for a volume what a guest with udev knows it by} */
    String what();

    /** {@return the options, one each, values not escaped} */
    List<String> options();

    /** {@return the paths that must be there in their final form before: sources, layers} */
    default List<String> needs() {
        return List.of();
    }

    /**
     * A share.
     *
     * @param share what is shared
     * @param where its mount point
     */
    record OfShare(Share share, String where) implements GuestMount {
        @Override
        public String name() {
            return "share \"" + share.tag() + "\" at " + where;
        }

        @Override
        public String type() {
            return share instanceof NinePShare ? "9p" : "virtiofs";
        }

        @Override
        public String what() {
            return share.tag();
        }

        @Override
        public List<String> options() {
            return share instanceof NinePShare ninep
                    ? List.of(ninep.mountOptions().split(",", -1))
                    : List.of(share.readOnly() ? "ro" : "rw");
        }
    }

    /**
     * A volume with a file system.
     *
     * @param volume the volume
     * @param where its mount point
     */
    record OfVolume(Volume volume, String where) implements GuestMount {
        @Override
        public String name() {
            return "volume " + volume.image() + " at " + where;
        }

        @Override
        public String type() {
            return volume.fileSystem().orElseThrow().kernelName();
        }

        /** By the label, else by the serial number. (systemd, rules.d/60-persistent-storage.rules: virtio-SERIAL.) */
        @Override
        public String what() {
            return volume.label()
                    .map(label -> "/dev/disk/by-label/" + label)
                    .orElseGet(() ->
                            "/dev/disk/by-id/virtio-" + volume.guestSerial().orElseThrow());
        }

        @Override
        public List<String> options() {
            List<String> options = new ArrayList<>();
            options.add(volume.readOnly() ? "ro" : "rw");
            options.addAll(volume.mountOptions());
            return options;
        }
    }

    /**
     * The tmpfs of an overlay's upper layer.
     *
     * @param overlay the overlay
     */
    record OfUpper(StoreOverlay overlay) implements GuestMount {
        @Override
        public String name() {
            return "tmpfs at " + overlay.upper();
        }

        @Override
        public String where() {
            return overlay.upper();
        }

        @Override
        public String type() {
            return "tmpfs";
        }

        @Override
        public String what() {
            return "microvm-overlay";
        }

        @Override
        public List<String> options() {
            List<String> options = new ArrayList<>(List.of("mode=0755"));
            overlay.sizeMib().ifPresent(mib -> options.add("size=" + mib + "M"));
            return options;
        }
    }

    /**
     * An overlay.
     *
     * @param overlay the overlay
     * @param userXattr whether its own marks are attributes of users: those of root do not pass virtiofs
     */
    record OfOverlay(StoreOverlay overlay, boolean userXattr) implements GuestMount {
        /** {@return the folder for what is added} */
        public String upperFolder() {
            return overlay.upper() + "/store";
        }

        /** {@return the folder overlayfs works in, on the same file system} */
        public String workFolder() {
            return overlay.upper() + "/work";
        }

        @Override
        public String name() {
            return "writable overlay at " + overlay.mountPoint();
        }

        @Override
        public String where() {
            return overlay.mountPoint();
        }

        @Override
        public String type() {
            return "overlay";
        }

        @Override
        public String what() {
            return "microvm-overlay";
        }

        @Override
        public List<String> options() {
            List<String> options = new ArrayList<>(List.of(
                    "lowerdir=" + escaped(overlay.lower()),
                    "upperdir=" + escaped(upperFolder()),
                    "workdir=" + escaped(workFolder())));
            if (userXattr) {
                options.add("userxattr");
            }
            return options;
        }

        @Override
        public List<String> needs() {
            return List.of(overlay.lower(), overlay.upper());
        }

        /** What separates options and layers, as overlayfs reads it. (Linux, fs/overlayfs/params.c, ovl_unescape.) */
        private static String escaped(String path) {
            return path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
        }
    }

    /**
     * A persistent directory or file.
     *
     * @param kept what it is
     * @param onVolume whether it is kept on a volume, where the host cannot make it before the start
     */
    record OfPersistence(PersistentTarget kept, boolean onVolume) implements GuestMount {
        @Override
        public String name() {
            return "persistent " + kept.describe();
        }

        @Override
        public String where() {
            return kept.target();
        }

        @Override
        public String type() {
            return "none";
        }

        @Override
        public String what() {
            return kept.source();
        }

        @Override
        public List<String> options() {
            return List.of("bind");
        }

        @Override
        public List<String> needs() {
            return List.of(kept.source());
        }
    }

    /**
     * An empty folder of a guest on the host's root.
     *
     * @param where its place
     */
    record OfEmptyFolder(String where) implements GuestMount {
        @Override
        public String name() {
            return "empty folder " + where;
        }

        @Override
        public String type() {
            return "tmpfs";
        }

        @Override
        public String what() {
            return "microvm-empty";
        }

        @Override
        public List<String> options() {
            return List.of("mode=0755");
        }
    }

    /** {@return everything a spec's own parts mount, as they are listed, not in an order that works: see {@link MountOrder}} */
    static List<GuestMount> of(VmSpec spec) {
        List<GuestMount> all = new ArrayList<>();
        spec.shares().forEach(share -> share.mountPoint().ifPresent(path -> all.add(new OfShare(share, path))));
        spec.volumes().forEach(volume -> volume.mountPoint().ifPresent(path -> all.add(new OfVolume(volume, path))));
        for (StoreOverlay overlay : spec.storeOverlays()) {
            boolean userXattr = false;
            if (overlay.upperLayer() == UpperLayer.TMPFS) {
                all.add(new OfUpper(overlay));
            } else {
                userXattr = Keeper.of(spec, overlay.upper())
                        .filter(Keeper::isVirtiofs)
                        .isPresent();
            }
            all.add(new OfOverlay(overlay, userXattr));
        }
        for (PersistentTarget kept : PersistentTarget.of(spec)) {
            boolean onVolume = Keeper.of(spec, kept.persistence().at())
                    .filter(keeper -> keeper.volume().isPresent())
                    .isPresent();
            all.add(new OfPersistence(kept, onVolume));
        }
        return all;
    }
}
