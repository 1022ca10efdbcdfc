/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mount;

import dev.microvm.spec.IdMap;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.PersistentPath;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One directory or file that is persistent: where it belongs and where it is kept.
 *
 * @param persistence the list it stands in
 * @param path as listed
 * @param file whether it is a file
 */
public record PersistentTarget(Persistence persistence, PersistentPath path, boolean file) {
    /** {@return all of a spec, in the order in which they are listed} */
    public static List<PersistentTarget> of(VmSpec spec) {
        List<PersistentTarget> all = new ArrayList<>();
        for (Persistence persistence : spec.persistence()) {
            persistence.directories().forEach(path -> all.add(new PersistentTarget(persistence, path, false)));
            persistence.files().forEach(path -> all.add(new PersistentTarget(persistence, path, true)));
        }
        return all;
    }

    /** {@return where it belongs in the guest} */
    public String target() {
        return persistence.target(path);
    }

    /** {@return where it is kept, as the guest sees it: the whole target below the place} */
    public String source() {
        return persistence.at() + target();
    }

    /** {@return the user's home as it is kept; empty for the system} */
    public Optional<String> keptHome() {
        return persistence.homeFolder().map(home -> persistence.at() + home);
    }

    /**
     * {@return where it is kept on the host, relative to the share's folder}
     *
     * @param keeper the share's mount point is at or above the place
     */
    public Path onHost(Keeper keeper) {
        return relative(source(), keeper);
    }

    /** {@return a path of the guest below a share's mount point, relative to the share's folder} */
    public static Path relative(String guestPath, Keeper keeper) {
        int begin = keeper.mountPoint().equals("/") ? 1 : keeper.mountPoint().length() + 1;
        return Path.of(guestPath.substring(begin));
    }

    /** {@return the user's and the group's id in the guest, where the spec says so: those of root for the system} */
    public Optional<Ids> ids() {
        String user = persistence.user().orElse("root");
        return persistence
                .uid()
                .map(uid -> new Ids(uid, persistence.gid().orElse(uid)))
                .or(() -> user.equals("root") ? Optional.of(new Ids(0, 0)) : Optional.empty());
    }

    /** {@return whether a share keeps the owners that files have on the host, so that they must be the right ones there} */
    public static boolean keepsOwners(Share share) {
        return (share instanceof VirtiofsShare virtiofs && virtiofs.idMap().kind() == IdMap.Kind.IDENTITY)
                || (share instanceof NinePShare ninep && ninep.securityModel() == SecurityModel.PASSTHROUGH);
    }

    /** {@return what it is, for messages} */
    public String describe() {
        return (file ? "file " : "directory ") + target();
    }

    /**
     * A user and a group.
     *
     * @param uid the user's id
     * @param gid the group's id
     */
    public record Ids(int uid, int gid) {}
}
