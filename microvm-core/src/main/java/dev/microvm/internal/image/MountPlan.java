/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.MountOrder;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NetworkInterface;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VmSpec;
import java.util.ArrayList;
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

    /**
     * {@return the plan for a spec whose extensions are written out; empty where nothing in the guest would answer}
     *
     * @throws IllegalArgumentException if a mount point would hide a folder that guest control needs, or what another mount is made from,
     *     naming it
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
        for (GuestMount mount : MountOrder.of(mounts(spec))) {
            steps.add(new Run(mount.name(), MountScripts.of(mount)));
        }
        if (spec.boot() instanceof HostRoot) {
            // A guest that booted its own initrd minds its own network.
            steps.add(new Run("host name and loopback", MountScripts.hostName(spec.name())));
            userNetworkMac(spec).ifPresent(mac -> steps.add(new Run("user network", MountScripts.userNetwork(mac))));
        }
        return new MountPlan(steps);
    }

    private static List<GuestMount> mounts(VmSpec spec) {
        List<GuestMount> mounts = new ArrayList<>();
        if (spec.boot() instanceof HostRoot root) {
            Set<String> folders = new LinkedHashSet<>(root.emptyFolders());
            folders.remove(MountScripts.NIX_VAR);
            // First, for where two places are equally deep a share may be meant to be inside.
            mounts.add(new GuestMount.OfEmptyFolder(MountScripts.NIX_VAR));
            folders.add(MountScripts.ROOT_HOME);
            folders.forEach(path -> mounts.add(new GuestMount.OfEmptyFolder(path)));
        }
        if (!(spec.boot() instanceof KernelBoot own && own.mountsItself())) {
            mounts.addAll(GuestMount.of(spec));
        }
        mounts.forEach(mount -> free(mount.where()));
        return mounts;
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
