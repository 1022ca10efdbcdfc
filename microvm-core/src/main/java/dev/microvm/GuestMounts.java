/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.internal.image.MountPlan;
import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.MountOrder;
import dev.microvm.internal.mounttext.Fstab;
import dev.microvm.internal.mounttext.NixosModule;
import dev.microvm.internal.mounttext.SystemdUnits;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.VmSpec;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * What a guest mounts of a spec: shares, volumes, overlays and persistent paths, in the forms in which a guest of one's own takes them. A
 * pure function of the spec. A guest that boots the host's root, or that runs the control loop, mounts the same by itself; one that has
 * this text says {@code KernelBoot.mountsItself(true)}.
 *
 * <p>Everything here is fixed when the VM starts, as a {@code VmSpec} is a value: a mount that is to be added later needs another spec, another
 * text and another start.
 *
 * <p>Extensions are not written out: what they add is in the spec that their module makes of them.
 */
public final class GuestMounts {
    private final VmSpec spec;
    private final List<GuestMount> mounts;

    private GuestMounts(VmSpec spec, List<GuestMount> mounts) {
        this.spec = spec;
        this.mounts = mounts;
    }

    /**
     * {@return the mounts of a spec}
     *
     * @param spec whatever it boots
     * @throws IllegalArgumentException if they cannot be mounted in any order, for one would hide what another is made from; or if a share is
     *     an {@link AutoShare}, of which nobody knows yet what it becomes: {@link Preflight#spec()} has it decided
     */
    public static GuestMounts of(VmSpec spec) {
        for (Share share : spec.shares()) {
            if (share instanceof AutoShare) {
                throw new IllegalArgumentException("shares[tag=" + share.tag()
                        + "]: virtiofs or 9p is not decided yet; take VmHost.preflight(spec).spec(), or name the kind");
            }
        }
        return new GuestMounts(spec, MountOrder.of(GuestMount.of(spec)));
    }

    /** {@return the mount points, in the order in which they are mounted} */
    public List<String> mountPoints() {
        return mounts.stream().map(GuestMount::where).toList();
    }

    /**
     * {@return what the control loop is asked to do at a start, a name for each step, in their order: what messages of a failed start
     * name; empty for a guest without the loop}
     */
    public List<String> steps() {
        return MountPlan.of(spec).steps().stream().map(MountPlan.Step::name).toList();
    }

    /**
     * {@return lines for the guest's {@code /etc/fstab} (fstab(5)), in an order that also {@code mount -a} can follow}
     *
     * <p>Mount points are made by systemd, not by {@code mount -a}, for which they must be there. A comment stands before what fstab cannot
     * say: folders of an overlay's upper layer, what is kept on a volume, a user's home, files to mount persistent files on;
     * {@link #systemdUnits()} can. An overlay whose upper layer is in memory lacks its folders at each boot, so systemd goes into its
     * emergency mode by that line unless something makes them: take the units for it. Lines of overlays have an option of systemd, which
     * the {@code mount} of util-linux passes over and that of busybox does not.
     *
     * <p>What the readers of fstab cannot be told: a path of an overlay with a quotation mark, and to systemd a path that ends in a
     * backslash or has a <code>${</code>.
     */
    public List<String> fstab() {
        return Fstab.of(mounts);
    }

    /**
     * {@return units for the guest's {@code /etc/systemd/system}: file name to text, mount units and the services that make what they
     * need}
     *
     * <p>{@code systemctl enable} of the mount units reads their install sections: it links them into {@code local-fs.target.requires}. A
     * volume is waited for until udev has seen its disk.
     *
     * @throws IllegalArgumentException if a path ends in a backslash or has a <code>${</code>, which no mount unit can say
     */
    public Map<String, String> systemdUnits() {
        return Collections.unmodifiableMap(SystemdUnits.of(mounts));
    }

    /**
     * {@return a NixOS module to import: {@code fileSystems} entries, all {@code neededForBoot}; and services for persistent paths that need
     * more than a bind mount: files, what is in a user's home, what is kept on a volume}
     */
    public String nixosModule() {
        return NixosModule.of(mounts);
    }

    @Override
    public String toString() {
        return "GuestMounts" + mountPoints();
    }
}
