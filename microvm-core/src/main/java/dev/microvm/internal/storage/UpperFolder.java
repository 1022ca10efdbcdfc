/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.internal.mount.Keeper;
import dev.microvm.internal.mount.PersistentTarget;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder on the host that holds an overlay's upper layer, where that is on a share.
 *
 * @param overlay whose
 * @param share on which
 * @param path relative to the share's folder; empty where it is the share's folder itself
 */
public record UpperFolder(StoreOverlay overlay, Share share, Path path) {
    /** {@return the folder of an overlay; empty where its upper layer is on a tmpfs or a volume, or cannot be on its share} */
    public static Optional<UpperFolder> of(VmSpec spec, StoreOverlay overlay) {
        if (overlay.upperLayer() != UpperLayer.MOUNTED) {
            return Optional.empty();
        }
        return Keeper.of(spec, overlay.upper())
                .filter(keeper -> keeper.isVirtiofs() && !keeper.readOnly())
                .map(keeper -> new UpperFolder(
                        overlay,
                        keeper.share().orElseThrow(),
                        overlay.upper().equals(keeper.mountPoint())
                                ? Path.of("")
                                : PersistentTarget.relative(overlay.upper(), keeper)));
    }

    /** {@return how many folders lie between the share's folder, excluded, and this one, included} */
    int depth() {
        return path.toString().isEmpty() ? 0 : path.getNameCount();
    }

    /** {@return where it is on the host} */
    public Path onHost() {
        return share.source().toAbsolutePath().resolve(path);
    }
}
