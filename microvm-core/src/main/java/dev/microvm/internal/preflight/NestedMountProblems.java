/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.preflight;

import dev.microvm.error.Problem;
import dev.microvm.internal.host.FileAccess;
import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.GuestPaths;
import dev.microvm.internal.mount.PersistentTarget;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Mount points within other shares. A folder to mount on must be there or be made; within a share it would have to be made on the host,
 * which a read-only share, or one whose server may not write, does not allow. In the guest's own root it always can be made.
 */
final class NestedMountProblems {
    private NestedMountProblems() {}

    static List<Problem> of(VmSpec spec, Optional<FileAccess> qemuUser) {
        List<Problem> problems = new ArrayList<>();
        for (Share share : spec.shares()) {
            share.mountPoint()
                    .ifPresent(path -> in(spec, "shares[tag=" + share.tag() + "].mountPoint", path, qemuUser)
                            .ifPresent(problems::add));
        }
        for (Volume volume : spec.volumes()) {
            volume.mountPoint()
                    .ifPresent(path -> in(spec, "volumes[image=" + volume.image() + "].mountPoint", path, qemuUser)
                            .ifPresent(problems::add));
        }
        PersistentTarget.of(spec).stream()
                .filter(kept -> !kept.file())
                .forEach(kept -> in(spec, "persistence[at=" + kept.persistence().at() + "]", kept.target(), qemuUser)
                        .ifPresent(problems::add));
        spec.storeOverlays().forEach(overlay -> {
            if (overlay.upperLayer() == UpperLayer.TMPFS) {
                in(spec, "storeOverlays.upper", overlay.upper(), qemuUser).ifPresent(problems::add);
            }
            in(spec, "storeOverlays.mountPoint", overlay.mountPoint(), qemuUser).ifPresent(problems::add);
        });
        return problems;
    }

    private static Optional<Problem> in(VmSpec spec, String subject, String path, Optional<FileAccess> qemuUser) {
        return spec.shares().stream()
                .filter(outer -> outer.mountPoint()
                        .filter(above -> path.startsWith(above + "/"))
                        .isPresent())
                .filter(outer -> isInnermost(spec, outer.mountPoint().orElseThrow(), path))
                .max(Comparator.comparingInt(
                        outer -> outer.mountPoint().orElseThrow().length()))
                .flatMap(outer -> within(outer, subject, path, qemuUser));
    }

    /** What is mounted between the two has folders of its own. */
    private static boolean isInnermost(VmSpec spec, String outer, String path) {
        return GuestMount.of(spec).stream()
                .map(GuestMount::where)
                .noneMatch(point -> GuestPaths.isBelow(point, outer) && GuestPaths.isBelow(path, point));
    }

    private static Optional<Problem> within(Share outer, String subject, String path, Optional<FileAccess> qemuUser) {
        String rest = path.substring(outer.mountPoint().orElseThrow().length() + 1);
        Path onHost = outer.source().resolve(rest);
        if (Files.isDirectory(onHost)) {
            return Optional.empty();
        }
        Optional<String> obstacle = Files.exists(onHost)
                ? Optional.of(onHost + " is no folder")
                : obstacleToMaking(outer, onHost, qemuUser);
        return obstacle.map(why -> new Problem(
                subject,
                path + " lies within the share \"" + outer.tag() + "\" (" + outer.source()
                        + "), where that folder can be neither found nor made: " + why,
                "mkdir -p " + onHost + " on the host, or mount it outside of "
                        + outer.mountPoint().orElseThrow()));
    }

    private static Optional<String> obstacleToMaking(Share outer, Path onHost, Optional<FileAccess> qemuUser) {
        if (outer.readOnly()) {
            return Optional.of("the share is read-only and " + onHost + " does not exist");
        }
        Path existing = onHost;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!(outer instanceof NinePShare) || qemuUser.isEmpty()) {
            return Files.isWritable(existing) ? Optional.empty() : Optional.of("this user may not write " + existing);
        }
        try {
            return qemuUser.get().obstacleToWriting(existing);
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.of(existing + " cannot be looked at: " + e.getMessage());
        }
    }
}
