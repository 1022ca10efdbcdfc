/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.error.Problem;
import dev.microvm.internal.mount.GuestPaths;
import dev.microvm.internal.mount.Keeper;
import dev.microvm.internal.mount.PersistentTarget;
import dev.microvm.internal.mount.PersistentTarget.Ids;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The directories and files of a spec's persistence that are kept on shares, and the folders of upper layers there, as they are on the host:
 * looked at, and made.
 */
public final class PersistentFolders {
    /**
     * One thing to be made where it is missing; its parents come before it.
     *
     * @param share on which
     * @param path relative to the share's folder
     * @param mode its mode
     * @param file whether it is a file
     * @param owner who it is given to; empty: it stays with the caller
     * @param of what it is a part of
     */
    record Making(Share share, Path path, int mode, boolean file, Optional<Ids> owner, String of) {}

    private PersistentFolders() {}

    /**
     * {@return what keeps them from being made; nothing is made, and no link is followed}
     *
     * @param spec the spec, extensions written out; what is wrong within it is told elsewhere
     */
    public static List<Problem> problems(VmSpec spec) {
        Set<Problem> problems = new LinkedHashSet<>();
        for (Making making : makings(spec, Optional.empty(), false)) {
            if (Files.isDirectory(making.share().source())) {
                problem(making).ifPresent(problems::add);
            }
        }
        return List.copyOf(problems);
    }

    private static Optional<Problem> problem(Making making) {
        String subject = making.of() + " on shares[tag=" + making.share().tag() + "]";
        Path place = making.share().source().resolve(making.path());
        try (SharedFolder folder = SharedFolder.open(making.share().source())) {
            SharedFolder.Kind kind = folder.kindOf(making.path());
            SharedFolder.Kind wanted = making.file() ? SharedFolder.Kind.FILE : SharedFolder.Kind.DIRECTORY;
            if (kind == SharedFolder.Kind.ABSENT) {
                return Optional.ofNullable(place.getParent())
                        .filter(parent -> Files.isDirectory(parent) && !Files.isWritable(parent))
                        .map(parent -> new Problem(
                                subject,
                                place + " is to be made, and this user may not write " + parent,
                                "make it, or give this user the right"));
            }
            if (kind == wanted) {
                return Optional.empty();
            }
            return Optional.of(new Problem(
                    subject,
                    place + " is to be a " + (making.file() ? "file" : "directory") + ", and is a "
                            + (kind == SharedFolder.Kind.OTHER
                                    ? "link or a special file; nothing is made through those, for a guest may have put them there"
                                    : making.file() ? "directory" : "file"),
                    "move it away: mv " + place + " " + place + ".old"));
        } catch (IOException e) {
            return Optional.of(new Problem(
                    subject, place + " cannot be made: " + e.getMessage(), "move away what stands in the way"));
        }
    }

    /**
     * Makes what is missing; what exists stays as it is.
     *
     * @param spec the spec, extensions written out
     * @param qemu the user QEMU runs as, who serves 9p, where that is not the caller
     * @param root whether the caller is root, who alone can give files away
     * @throws IOException if something cannot be made; what was made before stays
     * @throws InterruptedException if the calling thread is interrupted; so it does then
     */
    public static void make(VmSpec spec, Optional<Ids> qemu, boolean root) throws IOException, InterruptedException {
        Set<Path> collected = new HashSet<>();
        for (Making making : makings(spec, qemu, root)) {
            try (SharedFolder folder = SharedFolder.open(making.share().source())) {
                if (making.file()) {
                    folder.makeFile(making.path(), making.mode(), making.owner());
                } else {
                    folder.makeDirectory(making.path(), making.mode(), making.owner());
                }
                if (collected.add(making.share().source().resolve(making.path()).getParent())) {
                    folder.collectBeside(making.path());
                }
            }
        }
    }

    static List<Making> makings(VmSpec spec, Optional<Ids> qemu, boolean root) {
        List<Making> makings = new ArrayList<>();
        for (PersistentTarget kept : PersistentTarget.of(spec)) {
            Optional<Keeper> keeper = Keeper.of(spec, kept.persistence().at());
            if (keeper.flatMap(Keeper::share).isPresent() && kept.target().startsWith("/")) {
                of(kept, keeper.get(), qemu, root, makings);
            }
        }
        for (StoreOverlay overlay : spec.storeOverlays()) {
            UpperFolder.of(spec, overlay).ifPresent(upper -> ofUpper(upper, qemu, root, makings));
        }
        return makings;
    }

    /** Made here, and not by the guest, so that it is there to be locked when the guest is not yet. */
    private static void ofUpper(UpperFolder upper, Optional<Ids> qemu, boolean root, List<Making> makings) {
        Optional<Ids> system = owner(upper.share(), qemu, root, Optional.of(new Ids(0, 0)));
        for (int length = 1; length <= upper.depth(); length++) {
            makings.add(
                    new Making(upper.share(), upper.path().subpath(0, length), 0755, false, system, "storeOverlays"));
        }
    }

    /** As the guest would make them: above the home for all, the home closed, what is in it the user's. */
    private static void of(
            PersistentTarget kept, Keeper keeper, Optional<Ids> qemu, boolean root, List<Making> makings) {
        Share share = keeper.share().orElseThrow();
        Optional<Ids> system = owner(share, qemu, root, Optional.of(new Ids(0, 0)));
        Optional<Ids> user = owner(share, qemu, root, kept.ids());
        Optional<String> home = kept.keptHome();
        for (String folder : GuestPaths.between(keeper.mountPoint(), kept.source())) {
            boolean isHome = home.filter(folder::equals).isPresent();
            boolean inHome =
                    home.filter(above -> GuestPaths.isWithin(folder, above)).isPresent();
            makings.add(new Making(
                    share,
                    PersistentTarget.relative(folder, keeper),
                    isHome ? 0700 : 0755,
                    false,
                    inHome ? user : system,
                    "persistence"));
        }
        makings.add(new Making(share, kept.onHost(keeper), kept.path().mode(), kept.file(), user, "persistence"));
    }

    /** Whoever serves the share, or where it keeps owners the guest's own. */
    private static Optional<Ids> owner(Share share, Optional<Ids> qemu, boolean root, Optional<Ids> guest) {
        if (!root) {
            return Optional.empty();
        }
        if (PersistentTarget.keepsOwners(share)) {
            return guest;
        }
        return share instanceof NinePShare ? qemu : Optional.empty();
    }
}
