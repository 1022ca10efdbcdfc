/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NetworkInterface;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VmSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a guest has to do between its control loop's first word and readiness, in order; a pure function of the spec. Everything but the
 * root itself is mounted after the root was entered, so that links such as {@code /var/run} mean what they mean in that root.
 *
 * @param steps the steps, each of which the guest answers
 */
public record MountPlan(List<Step> steps) {
    /** Copies the list. */
    public MountPlan {
        steps = List.copyOf(steps);
    }

    /** One step. */
    public sealed interface Step {
        /** {@return what it does, for messages: {@code share "store" at /nix/store}} */
        String name();
    }

    /**
     * A script for the control loop's {@code run}.
     *
     * @param name what it does
     * @param script a POSIX shell script that fails with a sentence if it cannot do it
     */
    public record Run(String name, String script) implements Step {}

    /**
     * The change into the assembled root.
     *
     * @param name what it does
     * @param root the folder that becomes the root
     */
    public record Enter(String name, String root) implements Step {}

    /** A mount would hide these from the control loop. */
    private static final Set<String> NEEDED = Set.of("/", "/proc", "/sys", "/dev", "/run", "/run/microvm");

    private record Placed(String path, Run step) {}

    /**
     * {@return the plan for a spec whose extensions are written out; empty where nothing in the guest would answer}
     *
     * @throws IllegalArgumentException if a mount point would hide a folder that guest control needs, naming it
     */
    public static MountPlan of(VmSpec spec) {
        List<Step> steps = new ArrayList<>();
        if (spec.boot() instanceof KernelBoot own && !own.agent()) {
            return new MountPlan(steps);
        }
        if (spec.boot() instanceof HostRoot) {
            steps.add(new Run("the host's root under an overlay", MountScripts.ROOT));
            steps.add(new Run("/run and /tmp", MountScripts.RUN_AND_TMP));
            steps.add(new Enter("change into the root", MountScripts.NEW_ROOT));
        }
        steps.addAll(byDepth(spec));
        for (StoreOverlay overlay : spec.storeOverlays()) {
            free(overlay.upper());
            free(overlay.mountPoint());
            steps.add(new Run("writable overlay at " + overlay.mountPoint(), MountScripts.overlay(overlay)));
        }
        if (spec.boot() instanceof HostRoot) {
            // A guest that booted its own initrd minds its own network.
            steps.add(new Run("host name and loopback", MountScripts.hostName(spec.name())));
            userNetworkMac(spec).ifPresent(mac -> steps.add(new Run("user network", MountScripts.userNetwork(mac))));
        }
        return new MountPlan(steps);
    }

    /** What lies above is mounted first; where two are equally deep, empty folders come first, for a share may be meant to be inside. */
    private static List<Run> byDepth(VmSpec spec) {
        List<Placed> placed = new ArrayList<>();
        if (spec.boot() instanceof HostRoot root) {
            Set<String> folders = new LinkedHashSet<>(root.emptyFolders());
            folders.remove(MountScripts.NIX_VAR);
            folders.add(MountScripts.ROOT_HOME);
            placed.add(new Placed(
                    MountScripts.NIX_VAR, new Run("empty folder " + MountScripts.NIX_VAR, MountScripts.EMPTY_NIX_VAR)));
            folders.forEach(path ->
                    placed.add(new Placed(path, new Run("empty folder " + path, MountScripts.emptyFolder(path)))));
        }
        for (Share share : spec.shares()) {
            share.mountPoint()
                    .ifPresent(path -> placed.add(new Placed(
                            path,
                            new Run("share \"" + share.tag() + "\" at " + path, MountScripts.share(share, path)))));
        }
        placed.forEach(one -> free(one.path()));
        return placed.stream()
                .sorted(Comparator.comparingInt(one -> depth(one.path())))
                .map(Placed::step)
                .toList();
    }

    private static int depth(String path) {
        return path.split("/", -1).length;
    }

    private static void free(String mountPoint) {
        if (NEEDED.contains(mountPoint)) {
            throw new IllegalArgumentException(
                    "mount point = " + mountPoint
                            + ": would hide what guest control needs in the guest; choose a folder of its own, such as /mnt/data");
        }
    }

    /** The address by which the guest finds the interface; it is made as the command line makes it. */
    private static Optional<String> userNetworkMac(VmSpec spec) {
        List<NetworkInterface> all = spec.interfaces();
        if (all.isEmpty() && !spec.forwards().isEmpty()) {
            return Optional.of(defaultMac(0));
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) instanceof UserNetwork user) {
                return Optional.of(user.mac().orElse(defaultMac(i)).toLowerCase(Locale.ROOT));
            }
        }
        return Optional.empty();
    }

    private static String defaultMac(int index) {
        return String.format(Locale.ROOT, "02:00:00:00:00:%02x", index + 1);
    }
}
