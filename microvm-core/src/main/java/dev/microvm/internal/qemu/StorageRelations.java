/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import dev.microvm.error.Problem;
import dev.microvm.internal.mount.GuestPaths;
import dev.microvm.internal.mount.Keeper;
import dev.microvm.internal.mount.PersistentTarget;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules between what a guest keeps and what it is kept on: overlays and persistent paths on shares and volumes. */
final class StorageRelations {
    private static final Set<String> NOT_FOLDERS_OF_DISKS = Set.of("/proc", "/sys", "/dev", "/run/microvm");

    private final VmSpec spec;
    private final List<Problem> problems = new ArrayList<>();

    private StorageRelations(VmSpec spec) {
        this.spec = spec;
    }

    static List<Problem> problems(VmSpec spec) {
        StorageRelations check = new StorageRelations(spec);
        spec.storeOverlays().forEach(check::overlay);
        check.sharedUppers();
        spec.persistence().forEach(check::persistence);
        check.nested();
        return check.problems;
    }

    private void add(String subject, String detail, String cure) {
        problems.add(new Problem(subject, detail, cure));
    }

    private void overlay(StoreOverlay overlay) {
        String subject = "storeOverlays[mountPoint=" + overlay.mountPoint() + "].";
        lower(overlay, subject + "lower");
        if (overlay.upperLayer() == UpperLayer.MOUNTED) {
            Optional<Keeper> keeper = Keeper.of(spec, overlay.upper());
            if (keeper.isPresent()) {
                upper(keeper.get(), subject + "upper", overlay.upper());
            } else {
                add(
                        subject + "upper",
                        "upperLayer is MOUNTED, and no volume or virtiofs share is mounted at " + overlay.upper()
                                + " or above it",
                        "add a Volume mounted there, or use UpperLayer.TMPFS");
            }
        }
    }

    /** Where the guest's root is ours, it is known what is mounted in it; a guest of somebody else mounts what it likes. */
    private void lower(StoreOverlay overlay, String subject) {
        Optional<Keeper> keeper = Keeper.of(spec, overlay.lower());
        if (keeper.isEmpty() && spec.boot() instanceof HostRoot) {
            add(
                    subject,
                    overlay.lower() + " is not mounted: no share or volume has it as its mount point or above it",
                    "add a share mounted at " + overlay.lower());
        }
        keeper.filter(one -> !one.readOnly())
                .ifPresent(one -> add(
                        subject,
                        one.describe() + ", on which " + overlay.lower()
                                + " lies, is writable, and what changes below an"
                                + " overlay makes its content undefined (overlayfs.rst, \"Changes to underlying filesystems\")",
                        "make it read-only: asReadOnly()"));
    }

    private void upper(Keeper keeper, String subject, String path) {
        if (keeper.readOnly()) {
            add(subject, keeper.describe() + ", on which " + path + " lies, is read-only", "make it writable");
        }
        if (keeper.isNineP()) {
            add(
                    subject,
                    keeper.describe() + ", on which " + path
                            + " lies, is by 9p, which overlayfs refuses as its upper layer:"
                            + " \"upper fs missing required features\" (no whiteouts)",
                    "use a VirtiofsShare with xattr, a Volume, or UpperLayer.TMPFS");
        }
        if (keeper.share().orElse(null) instanceof VirtiofsShare virtiofs && !keepsAttributes(virtiofs)) {
            add(
                    subject,
                    keeper.describe() + ", on which " + path
                            + " lies, passes no extended attributes, in which overlayfs marks what is deleted",
                    "let its virtiofsd pass them: VirtiofsShare.xattr(true)");
        }
        keeper.volume()
                .filter(volume ->
                        volume.fileSystem().filter(FileSystem.VFAT::equals).isPresent())
                .ifPresent(volume -> add(
                        subject,
                        "vfat, on which " + path + " lies, has no extended attributes and no whiteouts",
                        "use FileSystem.EXT4"));
    }

    /** Two tmpfs at one place are two mounts at one place, which is told as such. */
    private void sharedUppers() {
        List<StoreOverlay> all = spec.storeOverlays();
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                StoreOverlay one = all.get(i);
                StoreOverlay two = all.get(j);
                boolean nested =
                        GuestPaths.isWithin(two.upper(), one.upper()) || GuestPaths.isWithin(one.upper(), two.upper());
                boolean oneMountPoint = one.upper().equals(two.upper())
                        && one.upperLayer() == UpperLayer.TMPFS
                        && two.upperLayer() == UpperLayer.TMPFS;
                if (nested && !oneMountPoint) {
                    add(
                            "storeOverlays[mountPoint=" + two.mountPoint() + "].upper",
                            two.upper() + " and " + one.upper() + ", the upper layer of " + one.mountPoint()
                                    + ", are the same folder or one inside the other, and what two overlays make of"
                                    + " one upper layer is undefined (overlayfs.rst, \"Sharing and copying layers\")",
                            "give each overlay an upper folder of its own, side by side");
                }
            }
        }
    }

    private static boolean keepsAttributes(VirtiofsShare share) {
        return share.xattr()
                || share.posixAcl()
                || share.daemon().extraArguments().stream()
                        .anyMatch(argument -> argument.equals("--xattr") || argument.startsWith("--posix-acl"));
    }

    private void persistence(Persistence persistence) {
        String subject = "persistence[at=" + persistence.at() + "]";
        Optional<Keeper> keeper = Keeper.of(spec, persistence.at());
        if (keeper.isEmpty()) {
            add(
                    subject + ".at",
                    "no share or volume is mounted at " + persistence.at() + " or above it",
                    "add VirtiofsShare.of(TAG, FOLDER).mountedAt(\"" + persistence.at() + "\"), or a Volume");
        } else if (keeper.get().readOnly()) {
            add(
                    subject + ".at",
                    keeper.get().describe() + " is read-only: nothing can be created or kept there",
                    "make it writable, or use another one");
        } else {
            owners(persistence, keeper.get(), subject + ".user");
        }
        for (PersistentTarget kept : targets(persistence)) {
            place(kept, subject + (kept.file() ? ".files" : ".directories"));
        }
    }

    private List<PersistentTarget> targets(Persistence persistence) {
        return PersistentTarget.of(spec).stream()
                .filter(kept -> kept.persistence().equals(persistence))
                .toList();
    }

    private void place(PersistentTarget kept, String subject) {
        String target = kept.target();
        if (!target.startsWith("/")) {
            add(
                    subject,
                    target + " is relative, and the system has no home",
                    "write the absolute path, or say ofUser(\"NAME\") for what lies in that user's home");
            return;
        }
        if (GuestPaths.isWithin(target, kept.persistence().at())) {
            add(subject, target + " lies where it would be kept: it is persistent already", "leave it out");
        }
        boolean needed = NOT_FOLDERS_OF_DISKS.stream().anyMatch(path -> GuestPaths.isWithin(target, path));
        if (needed || target.equals("/run")) {
            add(
                    subject,
                    target + " belongs to the kernel or to guest control, and would hide it",
                    "leave it out: what it shows is new at every boot");
        }
        if (GuestPaths.isBelow(kept.persistence().at(), target)) {
            add(
                    subject,
                    target + " would hide " + kept.persistence().at() + ", where it is kept",
                    "mount that share or volume outside of " + target);
        }
    }

    /**
     * A user who could not write in his own folders would be told by the guest only, and late. Where the caller's number must be known,
     * {@code PersistentOwners} tells.
     */
    private void owners(Persistence persistence, Keeper keeper, String subject) {
        String user = persistence.user().orElse("root");
        Optional<Integer> uid = persistence.uid();
        if (user.equals("root")) {
            return;
        }
        if (keeper.volume()
                .flatMap(volume -> volume.fileSystem())
                .filter(FileSystem.VFAT::equals)
                .isPresent()) {
            add(subject, "vfat, on " + keeper.describe() + ", has no owners but root", "use FileSystem.EXT4");
        }
        if (keeper.share().isEmpty()) {
            return;
        }
        boolean keepsOwners = PersistentTarget.keepsOwners(keeper.share().get());
        if (keepsOwners && uid.isEmpty()) {
            add(
                    subject,
                    keeper.describe()
                            + " shows the owners of the host, so what is created there must be the user's, and"
                            + " the id of " + user + " is not known",
                    "say it: ofUser(\"" + user + "\", 1000)");
        } else if (keeper.isNineP() && !keepsOwners) {
            add(
                    subject,
                    keeper.describe() + " is by 9p, where everything belongs to the user of QEMU, and " + user
                            + " could not write there",
                    "use a VirtiofsShare with mappingUser(UID), or a Volume");
        } else if (keeper.share().get() instanceof VirtiofsShare virtiofs
                && showsOneOwner(virtiofs.idMap().kind())
                && uid.isPresent()
                && uid.get() != virtiofs.idMap().guestUid()) {
            String map = virtiofs.idMap().kind() == IdMap.Kind.CALLER
                    ? "mappingUser(" + uid.get() + ")"
                    : "idMap(IdMap.subordinateAs(" + uid.get() + "))";
            add(
                    subject,
                    keeper.describe() + " shows everything as owned by the user "
                            + virtiofs.idMap().guestUid() + ", so " + user + " (" + uid.get()
                            + ") could not write there",
                    "say " + map + " on that share, or use a share of its own");
        }
    }

    /** Whether what the caller makes on the host belongs to the map's one guest user. */
    private static boolean showsOneOwner(IdMap.Kind kind) {
        return kind == IdMap.Kind.CALLER || kind == IdMap.Kind.SUBORDINATE;
    }

    /** Of two at the very same place the second is the one to tell of. */
    private static boolean keptInside(PersistentTarget outer, PersistentTarget inner, List<PersistentTarget> all) {
        return inner.source().equals(outer.source())
                ? all.indexOf(outer) < all.indexOf(inner)
                : GuestPaths.isBelow(inner.source(), outer.source());
    }

    /** On one place, one inside the other would be kept twice: below the outer one, and as itself. */
    private void nested() {
        List<PersistentTarget> all = PersistentTarget.of(spec);
        for (PersistentTarget outer : all) {
            for (PersistentTarget inner : all) {
                boolean samePlace =
                        outer.persistence().at().equals(inner.persistence().at());
                if (GuestPaths.isBelow(inner.target(), outer.target()) && (samePlace || outer.file())) {
                    add(
                            "persistence[at=" + inner.persistence().at() + "]",
                            inner.target() + " lies in " + outer.target()
                                    + (outer.file() ? ", which is a file" : ", which is persistent already"),
                            outer.file()
                                    ? "make one of them something else"
                                    : "leave it out, or keep it at another place");
                } else if (!samePlace && keptInside(outer, inner, all)) {
                    boolean there = inner.source().equals(outer.source());
                    add(
                            "persistence[at=" + inner.persistence().at() + "]",
                            inner.target() + " is kept at " + inner.source() + ", which is "
                                    + (there
                                            ? "where " + outer.target() + " is kept"
                                            : "in what " + outer.target() + " keeps"),
                            "keep one of them at another place");
                }
            }
        }
    }
}
