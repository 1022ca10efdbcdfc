/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mount;

import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The share or the volume on which a path of the guest lies.
 *
 * @param mountPoint where it is mounted
 * @param share the share, if it is one
 * @param volume the volume, if it is one
 */
public record Keeper(String mountPoint, Optional<Share> share, Optional<Volume> volume) {
    /** {@return the innermost share or volume whose mount point is a path or above it; empty where the path is the guest's own} */
    public static Optional<Keeper> of(VmSpec spec, String path) {
        Stream<Keeper> shares = spec.shares().stream()
                .flatMap(share -> share.mountPoint().stream()
                        .map(point -> new Keeper(point, Optional.of(share), Optional.empty())));
        Stream<Keeper> volumes = spec.volumes().stream()
                .flatMap(volume -> volume.mountPoint().stream()
                        .map(point -> new Keeper(point, Optional.empty(), Optional.of(volume))));
        return Stream.concat(shares, volumes)
                .filter(keeper -> GuestPaths.isWithin(path, keeper.mountPoint()))
                .max(Comparator.comparingInt(keeper -> GuestPaths.depth(keeper.mountPoint())));
    }

    /** {@return whether the guest can only read it} */
    public boolean readOnly() {
        return share.map(Share::readOnly).orElseGet(() -> volume.orElseThrow().readOnly());
    }

    /** {@return whether it is shared by virtiofs} */
    public boolean isVirtiofs() {
        return share.filter(VirtiofsShare.class::isInstance).isPresent();
    }

    /** {@return whether it is shared by 9p} */
    public boolean isNineP() {
        return share.filter(NinePShare.class::isInstance).isPresent();
    }

    /** {@return what it is, for messages: {@code the share "data"}} */
    public String describe() {
        return share.map(one -> "the share \"" + one.tag() + "\"")
                .orElseGet(() -> "the volume " + volume.orElseThrow().image());
    }
}
