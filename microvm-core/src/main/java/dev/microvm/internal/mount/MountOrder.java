/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.mount;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Puts mounts into an order that works: what is mounted above comes first, or it would hide what is below; so does what a mount takes its
 * content from. Where both leave a choice: shares and volumes, then overlays, then persistent paths, each by depth, then as listed.
 */
public final class MountOrder {
    private MountOrder() {}

    /**
     * {@return the mounts in an order that works}
     *
     * @throws IllegalArgumentException if there is none, for some would hide what they are made from; it names them
     */
    public static List<GuestMount> of(List<GuestMount> mounts) {
        List<GuestMount> left = new ArrayList<>(mounts);
        left.sort(Comparator.comparingInt(MountOrder::rank).thenComparingInt(mount -> GuestPaths.depth(mount.where())));
        List<GuestMount> ordered = new ArrayList<>();
        while (!left.isEmpty()) {
            GuestMount next = left.stream()
                    .filter(mount -> left.stream().noneMatch(other -> other != mount && mustComeFirst(other, mount)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("mount points: "
                            + left.stream().map(GuestMount::name).collect(Collectors.joining(", "))
                            + " cannot be mounted in any order: one would hide what another is made from"));
            ordered.add(next);
            left.removeIf(mount -> mount == next);
        }
        return List.copyOf(ordered);
    }

    private static int rank(GuestMount mount) {
        if (mount instanceof GuestMount.OfPersistence) {
            return 2;
        }
        return mount instanceof GuestMount.OfOverlay || mount instanceof GuestMount.OfUpper ? 1 : 0;
    }

    /** {@return whether a mount must be there before another one: it lies above that, or holds what that is made from} */
    public static boolean mustComeFirst(GuestMount first, GuestMount mount) {
        return GuestPaths.isBelow(mount.where(), first.where())
                || mount.needs().stream().anyMatch(path -> GuestPaths.isWithin(path, first.where()));
    }
}
